import { JAVASCRIPT, JSON_DIALECT, literal, PYTHON, quoted, shellQuoted } from './literals.ts';

/** A call of an action, as a backend would make it. */
export interface SampleCall {
  /** Whole, with the inputs in its query where there is a file. */
  url: string;
  account: string;
  inputs: Readonly<Record<string, unknown>>;
  /** Name of the file that goes with it; undefined where the action takes none. */
  file: string | undefined;
}

export interface Sample {
  id: 'curl' | 'typescript' | 'python';
  label: string;
  code: string;
}

/** The same call in three languages. The key is never in them: it comes from the environment, as CORBEL_KEY. */
export function samplesOf(call: SampleCall): Sample[] {
  return [
    { id: 'curl', label: 'curl', code: curl(call) },
    { id: 'typescript', label: 'TypeScript', code: typescript(call) },
    { id: 'python', label: 'Python', code: python(call) },
  ];
}

function curl({ url, account, inputs, file }: SampleCall): string {
  const lines = [
    // Otherwise braces and brackets in the name of a file are patterns.
    `curl ${file === undefined ? '' : '--globoff '}-X POST ${shellQuoted(url)}`,
    '-H "Authorization: Bearer $CORBEL_KEY"',
    `-H ${shellQuoted(`x-account-id: ${account}`)}`,
    ...(file === undefined
      ? [`-H 'content-type: application/json'`, `--data-raw ${shellQuoted(literal(inputs, JSON_DIALECT))}`]
      : [`-H 'content-type: application/octet-stream'`, `--upload-file ${shellQuoted(pathOf(file))}`]),
  ];
  return lines.join(' \\\n  ');
}

function typescript({ url, account, inputs, file }: SampleCall): string {
  const body =
    file === undefined ? `JSON.stringify(${literal(inputs, JAVASCRIPT, 1)})` : `await openAsBlob(${quoted(file)})`;
  return `${file === undefined ? '' : `import { openAsBlob } from "node:fs";\n\n`}const response = await fetch(${quoted(url)}, {
  method: "POST",
  headers: {
    authorization: \`Bearer \${process.env.CORBEL_KEY}\`,
    "x-account-id": ${quoted(account)},
    "content-type": ${file === undefined ? '"application/json"' : '"application/octet-stream"'},
  },
  body: ${body},
});
const answer = await response.json();
if (!response.ok) throw new Error(\`\${answer.code}: \${answer.detail}\`);
console.log(answer.data);
`;
}

function python({ url, account, inputs, file }: SampleCall): string {
  const length = file === undefined ? '' : `\n        "content-length": str(os.path.getsize(${quoted(file)})),`;
  const data =
    file === undefined ? `json.dumps(${literal(inputs, PYTHON, 1)}).encode()` : `open(${quoted(file)}, "rb")`;
  return `import json
import os
import urllib.error
import urllib.request

request = urllib.request.Request(
    ${quoted(url)},
    method="POST",
    headers={
        "authorization": "Bearer " + os.environ["CORBEL_KEY"],
        "x-account-id": ${quoted(account)},
        "content-type": ${file === undefined ? '"application/json"' : '"application/octet-stream"'},${length}
    },
    data=${data},
)
try:
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
except urllib.error.HTTPError as error:
    raise SystemExit(error.read().decode())
print(json.dumps(answer["data"], indent=2))
`;
}

/** A name that begins with a dash would be an option. */
function pathOf(file: string): string {
  return file.startsWith('-') ? `./${file}` : file;
}
