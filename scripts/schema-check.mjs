// Tests the JSON Schemas with a YAML language server, as an editor uses it. The server must accept the
// examples and the packs, mark mistakes, complete the name of a treatment and show its reference.
// Usage: node scripts/schema-check.mjs SERVER, where SERVER is the program of yaml-language-server.
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(import.meta.dirname, "..");
const rulesSchema = pathToFileURL(`${root}/docs/schema/masker-rules.schema.json`).href;
const configSchema = pathToFileURL(`${root}/docs/schema/masker-config.schema.json`).href;
const server = spawn(process.execPath, [process.argv[2], "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });

let id = 0, input = Buffer.alloc(0), failures = 0;
const replies = new Map(), marks = new Map();

function send(message) {
  const text = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}
function ask(method, params) {
  send({ id: ++id, method, params });
  return new Promise((done) => replies.set(id, done));
}
function received(message) {
  if (message.method === "textDocument/publishDiagnostics") {
    marks.get(message.params.uri)?.(message.params.diagnostics);
  } else if (message.method && message.id !== undefined) {
    const settings = { validate: true, hover: true, completion: true, schemaStore: { enable: false },
      schemas: { [rulesSchema]: ["/pack-*.yaml", "/case-*.yaml"], [configSchema]: ["/config-*.yaml"] } };
    const answer = message.method === "workspace/configuration" ? message.params.items.map((i) => (i.section === "yaml" ? settings : {})) : null;
    send({ id: message.id, result: answer });
  } else if (replies.has(message.id)) {
    replies.get(message.id)(message.result);
  }
}
server.stdout.on("data", (data) => {
  input = Buffer.concat([input, data]);
  for (;;) {
    const end = input.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(input.subarray(0, end))[1]);
    if (input.length < end + 4 + length) return;
    const message = JSON.parse(input.subarray(end + 4, end + 4 + length));
    input = input.subarray(end + 4 + length);
    received(message);
  }
});

// open sends a document to the server, and waits for the server's list of mistakes.
function open(uri, text) {
  const seen = new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`${uri}: no answer within 60 s`)), 60_000);
    marks.set(uri, (found) => { clearTimeout(timer); done(found); });
  });
  send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text } } });
  return seen;
}
function expect(name, ok, detail) {
  if (!ok) failures++;
  console.log(`${ok ? "ok  " : "FAIL"} ${name}${detail ? ": " + detail : ""}`);
}
const texts = (found) => found.map((d) => `line ${d.range.start.line + 1}: ${d.message}`).join("; ");

await ask("initialize", { processId: process.pid, rootUri: pathToFileURL(root).href, capabilities: { workspace: { configuration: true }, textDocument: { hover: { contentFormat: ["markdown"] } } } });
send({ method: "initialized", params: {} });
send({ method: "workspace/didChangeConfiguration", params: { settings: {} } });

// The server accepts the examples and the packs. The examples name their schema in the first line.
const shipped = ["examples/shop/masker.yaml", ...readdirSync(`${root}/examples/shop/rules`).filter((f) => f.endsWith(".yaml")).map((f) => `examples/shop/rules/${f}`)];
for (const file of shipped) {
  const text = readFileSync(`${root}/${file}`, "utf8");
  expect(`${file} names its schema`, /^# yaml-language-server: \$schema=/.test(text));
  const found = await open(pathToFileURL(`${root}/${file}`).href, text);
  expect(`${file} is accepted`, found.length === 0, texts(found));
}
for (const pack of readdirSync(`${root}/rules`).filter((f) => f.endsWith(".yaml"))) {
  const found = await open(`file:///pack-${pack}`, readFileSync(`${root}/rules/${pack}`, "utf8"));
  expect(`rules/${pack} is accepted`, found.length === 0, texts(found));
}

// The server marks each mistake on its line.
const column = (rule) => `revision: 1\ntables:\n  public.t:\n    columns:\n      c: ${rule}\n`;
const cases = [
  ["a rule of each form", column('{class: email, as: person}\n      d: {keep: "why"}\n      e: {treat: null}\n      f: {treat: mask, keep_last: 4}\n      g: {json: {"$.a": {treat: redact}}}'), 0],
  ["a misspelt treatment", column("{treat: fake.emial}"), 5],
  ["a misspelt parameter", column("{treat: mask, keep_lst: 4}"), 5],
  ["a parameter of another type", column('{treat: mask, keep_last: "four"}'), 5],
  ["two forms", column('{class: email, keep: "why"}'), 5],
  ["no form", column("{clas: email}"), 5],
  ["keep without a reason", column('{keep: ""}'), 5],
  ["when without else", column('{class: email, when: "a == 1"}'), 5],
  ["a misspelt key of a table", "tables:\n  public.t:\n    colums: {}\n", 3],
  ["a misspelt key of the file", "revision: 1\ntable: {}\n", 2],
  ["a JSON path without $", column('{json: {"a.b": {treat: redact}}}'), 5],
  ["classes", "revision: 1\nclasses:\n  a: {treat: token, domain: d, description: x}\n  b: {staging: {treat: redact}, default: {keep: why}}\n", 0],
  ["as in a class", "revision: 1\nclasses:\n  a: {treat: fake.email, as: person}\n", 3],
  ["a misspelt kind", "revision: 1\nclasses:\n  a: {stagin: {treat: redact}, default: {treat: redact}}\n", 3],
  ["virtual keys", 'revision: 1\nvirtual_keys:\n  - {from: public.a.x, to: {A: public.b.id}, by: kind, else: {treat: null}}\n  - {from: [public.a.x, public.a.y], to: [public.b.x, public.b.y]}\n', 0],
  ["a misspelt virtual key", "revision: 1\nvirtual_keys:\n  - {from: public.a.x, too: public.b.id}\n", 3],
];
for (const [i, [name, text, line]] of cases.entries()) {
  const found = await open(`file:///case-${i}.yaml`, text);
  if (line === 0) expect(`${name}: accepted`, found.length === 0, texts(found));
  else expect(`${name}: marked`, found.some((d) => d.range.start.line + 1 === line), texts(found));
}
const found = await open("file:///config-a.yaml", "environments:\n  a: {knd: staging}\n");
expect("a misspelt key of masker.yaml: marked", found.some((d) => d.range.start.line === 1), texts(found));

// Completion and hover show names and texts of the reference.
const uri = "file:///case-hover.yaml";
await open(uri, column("\n        treat: mask\n        keep_last: 4"));
const completed = await ask("textDocument/completion", { textDocument: { uri }, position: { line: 5, character: 15 } });
const labels = (completed?.items ?? completed ?? []).map((i) => i.label);
expect("the value of treat is completed", labels.includes("fake.email"), `${labels.length} names`);
const shown = await ask("textDocument/hover", { textDocument: { uri }, position: { line: 6, character: 10 } });
expect("a parameter shows its text", JSON.stringify(shown ?? "").includes("stay at the end"), JSON.stringify(shown?.contents ?? null).slice(0, 120));

await ask("shutdown", null);
send({ method: "exit" });
process.exitCode = failures > 0 ? 1 : 0;
