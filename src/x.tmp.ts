import { Ajv } from 'ajv';
let n=0, t=0; const texts=new Set<string>(); const o=Ajv.prototype.compile; (Ajv.prototype as any).compile=function(s:any,...r:any[]){n++; texts.add(JSON.stringify(s)); const a=performance.now(); const v=o.call(this,s,...r as []); t+=performance.now()-a; return v;};
const { loadRegistry } = await import('./connector/load.ts');
const a=performance.now(); await loadRegistry('connectors'); console.log(n, texts.size, Math.round(t), Math.round(performance.now()-a));
