// The side of the benchmark that speaks with peers: starts a process for each npm peer and one for Python, asks in turn, and
// names what is missing. A peer that would take too long, judged by how it did at a smaller size, is passed over and said so.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type {
  HostError,
  HostGreeting,
  HostRequest,
  MissingPeer,
  PeerAnswer,
  PeerInfo,
  PeerRequest,
  PeerTask,
} from "./protocol.ts";

const npmModules = ["ml_kmeans", "tfjs_wasm", "tfjs_webgpu", "usearch"];
/** Everything that could answer, so that what the machine lacks can be named. */
export const peerTitles: readonly string[] = [
  ...npmModules.map((name) => name.replace("_", "-")),
  "faiss-cpu",
  "scikit-learn",
  "numpy",
  "torch",
];

export class Peer {
  readonly info: PeerInfo;
  readonly #host: HostProcess;
  /** Seconds for each unit of work, by task, of the last answer. */
  readonly #pace = new Map<PeerTask, number>();

  constructor(info: PeerInfo, host: HostProcess) {
    this.info = info;
    this.#host = host;
  }

  can(task: PeerTask): boolean {
    return this.info.tasks.includes(task);
  }

  /** Seconds that so much work would take, where the peer has done some already: of this task, else of any. */
  foresee(task: PeerTask, work: number): number | undefined {
    const pace = this.#pace.get(task) ?? Math.max(...this.#pace.values());
    return pace >= 0 ? pace * work : undefined;
  }

  async run(request: Omit<PeerRequest, "peer">, work: number): Promise<PeerAnswer> {
    const answer = await this.#host.ask<PeerAnswer>({ ...request, peer: this.info.name });
    this.#pace.set(request.task, Math.min(...answer.seconds) / work);
    return answer;
  }
}

export interface PeerSet {
  readonly peers: readonly Peer[];
  readonly missing: readonly MissingPeer[];
  close(): Promise<void>;
}

export const noPeers: PeerSet = { peers: [], missing: [], close: async () => undefined };

/** The Python to measure with: $CLIPSIEVE_BENCH_PYTHON, else python3. */
export function benchPython(): string {
  return process.env.CLIPSIEVE_BENCH_PYTHON ?? "python3";
}

/** Starts every peer that this machine has. */
export async function openPeers(options: { readonly torch: boolean }): Promise<PeerSet> {
  const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const hosts = [
    ...npmModules.map((name) => new HostProcess(process.execPath, [here(`npm_peers${ending}`), name])),
    new HostProcess(benchPython(), [here("python_peers.py"), ...(options.torch ? ["torch"] : [])]),
  ];
  const peers: Peer[] = [];
  const missing: MissingPeer[] = [];
  for (const host of hosts) {
    try {
      const greeting = await host.ask<HostGreeting>({ hello: true });
      peers.push(...greeting.peers.map((info) => new Peer(info, host)));
      missing.push(...greeting.missing);
    } catch (error) {
      missing.push({ name: host.title, remedy: (error as Error).message });
    }
  }
  return {
    peers,
    missing,
    async close() {
      await Promise.all(hosts.map((host) => host.close()));
    },
  };
}

class HostProcess {
  readonly title: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];
  #failure: Error | undefined;
  #heard = "";

  constructor(command: string, args: readonly string[]) {
    this.title = command.includes("python") ? "Python" : (args.at(-1) ?? command).replace("_", "-");
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#lines = createInterface({ input: this.#child.stdout! });
    this.#lines.on("line", (line) => this.#waiting.shift()?.resolve(line));
    this.#child.stderr!.on("data", (bytes: Buffer) => {
      this.#heard = (this.#heard + bytes.toString()).slice(-2000);
    });
    const fail = (error: Error): void => {
      this.#failure ??= error;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    };
    this.#child.on("error", (error) => fail(new Error(`cannot start ${command}: ${error.message}`)));
    this.#child.on("close", (code) => {
      fail(new Error(`ended with ${code}: ${this.#heard.trim().split("\n").at(-1) ?? ""}`));
    });
    // A process that is gone breaks the pipe; `close` says so.
    this.#child.stdin!.on("error", () => undefined);
  }

  async ask<Answer extends object>(request: HostRequest): Promise<Answer> {
    if (this.#failure !== undefined) throw this.#failure;
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    });
    const answer = JSON.parse(line) as Answer | HostError;
    if ("error" in answer) throw new Error(answer.error);
    return answer;
  }

  async close(): Promise<void> {
    if (this.#failure !== undefined || this.#child.exitCode !== null) return;
    const closed = once(this.#child, "close");
    this.#child.stdin!.end();
    await closed;
  }
}
