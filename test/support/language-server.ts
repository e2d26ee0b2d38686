import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SERVER = fileURLToPath(
  new URL('../../node_modules/yaml-language-server/bin/yaml-language-server', import.meta.url),
);
const ANSWER_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 2_000;
const HEADER_END = '\r\n\r\n';

// Nothing is fetched: no catalogue of schemas, no schema by http.
const SETTINGS = {
  yaml: {
    validate: true,
    hover: true,
    completion: true,
    schemaStore: { enable: false },
    kubernetesCRDStore: { enable: false },
  },
  http: {},
  '[yaml]': {},
  editor: {},
  files: {},
};

/** A place in a document: zero-based, as the protocol counts. */
export interface Position {
  line: number;
  character: number;
}

export interface CompletionItem {
  label: string;
  insertText?: string;
  documentation?: string | { value: string };
}

export interface EditorDiagnostic {
  message: string;
  range: { start: Position; end: Position };
}

/** The real yaml-language-server, spoken to as an editor does. */
export interface LanguageServer {
  readonly pid: number;
  /** Opens a document, or gives it another text; resolves with what the server finds wrong in it. */
  show(path: string, text: string): Promise<EditorDiagnostic[]>;
  complete(path: string, position: Position): Promise<CompletionItem[]>;
  /** The Markdown of the hover. */
  hover(path: string, position: Position): Promise<string>;
  stop(): Promise<void>;
}

interface Message {
  id?: number | string;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message: string };
}

/** Starts `yaml-language-server --stdio` as its own process (Language Server Protocol 3.17, Content-Length framing). */
export async function startLanguageServer(): Promise<LanguageServer> {
  const child = spawn(process.execPath, [SERVER, '--stdio'], {
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the language server did not start');
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const closed = once(child, 'close').then(() => process.removeListener('exit', killed));

  const waiting = new Map<number | string, (message: Message) => void>();
  const versions = new Map<string, number>();
  const findings = new Map<string, (found: EditorDiagnostic[]) => void>();
  let lastId = 0;

  const send = (message: Message) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}${HEADER_END}${text}`);
  };
  const request = async (method: string, params: unknown): Promise<unknown> => {
    lastId += 1;
    const id = lastId;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    send({ id, method, params });
    const { result, error } = await within(answer, method);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const receive = (message: Message) => {
    if (message.method === undefined) {
      waiting.get(message.id ?? '')?.(message);
      waiting.delete(message.id ?? '');
    } else if (message.method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = message.params as { uri: string; diagnostics: EditorDiagnostic[] };
      findings.get(uri)?.(diagnostics);
    } else if (message.id !== undefined) {
      send({ id: message.id, result: answerTo(message) });
    }
  };
  child.stdout.on('data', frames(receive));

  await request('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {
      workspace: { configuration: true, workspaceFolders: false },
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'] } },
        hover: { contentFormat: ['markdown'] },
        publishDiagnostics: {},
      },
    },
  });
  send({ method: 'initialized', params: {} });

  return {
    pid,
    async show(path, text) {
      const uri = pathToFileURL(path).href;
      const version = (versions.get(uri) ?? 0) + 1;
      versions.set(uri, version);
      const found = new Promise<EditorDiagnostic[]>((resolve) => findings.set(uri, resolve));
      if (version === 1)
        send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version, text } } });
      else
        send({
          method: 'textDocument/didChange',
          params: { textDocument: { uri, version }, contentChanges: [{ text }] },
        });
      return within(found, 'diagnostics');
    },
    async complete(path, position) {
      const params = { textDocument: { uri: pathToFileURL(path).href }, position };
      const result = (await request('textDocument/completion', params)) as { items: CompletionItem[] } | null;
      return result?.items ?? [];
    },
    async hover(path, position) {
      const params = { textDocument: { uri: pathToFileURL(path).href }, position };
      const result = (await request('textDocument/hover', params)) as { contents: { value: string } } | null;
      return result?.contents.value ?? '';
    },
    async stop() {
      const late = setTimeout(killed, STOP_DEADLINE_MS);
      await request('shutdown', undefined);
      send({ method: 'exit' });
      await closed;
      clearTimeout(late);
    },
  };
}

/** What an editor answers to the server's own requests: its settings, and nothing else. */
function answerTo({ method, params }: Message): unknown {
  if (method !== 'workspace/configuration') return null;
  const { items } = params as { items: { section?: string }[] };
  return items.map(({ section }) => SETTINGS[section as keyof typeof SETTINGS] ?? null);
}

/** Puts messages together from chunks. */
function frames(receive: (message: Message) => void): (chunk: Buffer) => void {
  let buffered = Buffer.alloc(0);
  return (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      const headerEnd = buffered.indexOf(HEADER_END);
      if (headerEnd < 0) return;
      const length = Number(/Content-Length: *(\d+)/i.exec(buffered.toString('latin1', 0, headerEnd))?.[1]);
      const start = headerEnd + HEADER_END.length;
      if (buffered.length < start + length) return;
      const text = buffered.toString('utf8', start, start + length);
      buffered = buffered.subarray(start + length);
      receive(JSON.parse(text) as Message);
    }
  };
}

async function within<T>(answer: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the language server gave no ${what}`)), ANSWER_DEADLINE_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
