// The process that hosts one npm peer (its module's name is the argument): answers protocol.ts on its standard streams. A
// process for each, so that none shares a heap, a navigator or an event loop with another or with clipsieve.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Matrix, NpmPeer, NpmPeerModule, TaskInput } from "./npm_peer.ts";
import type { HostGreeting, HostRequest, MatrixFile, PeerAnswer, PeerRequest } from "./protocol.ts";

const [moduleName = ""] = process.argv.slice(2);
const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
// What a package prints belongs to a person, not into the answers.
const answerWith = process.stdout.write.bind(process.stdout);
console.log = console.warn = console.info = (...parts: unknown[]) => console.error(...parts);

const matrices = new Map<string, Matrix>();

function matrixOf({ path, rowCount, dim }: MatrixFile): Matrix {
  let matrix = matrices.get(path);
  if (matrix === undefined) {
    const bytes = readFileSync(path);
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, rowCount * dim);
    matrix = { values, rowCount, dim };
    matrices.clear();
    matrices.set(path, matrix);
  }
  return matrix;
}

async function work(peer: NpmPeer, request: PeerRequest): Promise<PeerAnswer> {
  const prepare = peer.tasks[request.task];
  if (prepare === undefined) throw new Error(`${peer.name} has no ${request.task}`);
  if ("plan" in request.rows) throw new Error(`${peer.name} takes rows from files only`);
  const rows = matrixOf(request.rows);
  const input: TaskInput = {
    rows,
    centroids: request.centroids && readMatrix(request.centroids),
    rounds: request.rounds ?? 1,
    groupRows: request.groupRows ?? [rows.rowCount],
  };
  const task = await prepare(input);
  const seconds: number[] = [];
  const more = (total: number): boolean =>
    (seconds.length < 2 && total < 15) || (seconds.length < 6 && total < request.budgetSeconds);
  // The first run warms up; where it takes long, it is the only one.
  for (let total = 0; more(total); ) {
    const started = performance.now();
    await task.run();
    const taken = (performance.now() - started) / 1000;
    total += taken;
    seconds.push(taken);
  }
  if (seconds.length > 1) seconds.shift();
  const result = task.result();
  writeFileSync(request.resultPath, new Uint8Array(result.buffer, result.byteOffset, result.byteLength));
  const { looksAt, rounds } = task;
  task.dispose?.();
  return { seconds, ...(looksAt && { looksAt }), ...(rounds !== undefined && { rounds }) };
}

function readMatrix(file: MatrixFile): Matrix {
  const bytes = new Uint8Array(readFileSync(file.path));
  return { values: new Float32Array(bytes.buffer), rowCount: file.rowCount, dim: file.dim };
}

async function greet(): Promise<{ peer: NpmPeer | undefined; greeting: HostGreeting }> {
  try {
    const { open } = (await import(new URL(`${moduleName}${ending}`, import.meta.url).href)) as NpmPeerModule;
    const peer = await open();
    const tasks = Object.keys(peer.tasks) as (keyof typeof peer.tasks)[];
    const { name, version, device } = peer;
    return { peer, greeting: { peers: [{ name, version, device, tasks }], missing: [] } };
  } catch (error) {
    const code = (error as { code?: string }).code;
    const absent = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
    const remedy = absent
      ? "not installed. Run: npm install --prefix bench/peers"
      : String((error as Error).message).split("\n")[0]!;
    return {
      peer: undefined,
      greeting: { peers: [], missing: [{ name: moduleName.replace("_", "-"), remedy }] },
    };
  }
}

const { peer, greeting } = await greet();
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line) as HostRequest;
  let answer: object;
  try {
    answer = "hello" in request ? greeting : await work(peer!, request);
  } catch (error) {
    answer = { error: (error as Error).message };
  }
  answerWith(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
