// Waiting for the GPU without burning a core. dawn.node spins on setImmediate while any GPU promise is pending, which on
// a software adapter steals the very cores that compute. Sleeping a millisecond per idle turn of the event loop gives them
// back (measured on two cores: 24 -> 39 GFLOP/s). The trap: a sleeping turn holds up all other work of this process, so
// the sleep starts only after a promise has been pending for a while, and a turn in which something else ran is followed
// by the next at once: a pipe that delivers one chunk a turn would else crawl.

const sleepMilliseconds = 1;
/** A GPU does not compute on the cores that look at it, and rounds of a few milliseconds should not end one late. */
const gpuSleepMilliseconds = 0.1;
const graceTurns = 50;
/** A turn that only polls the GPU takes less; reading a chunk of a pipe takes more. */
const idleTurnMilliseconds = 0.05;
const sleepCell =
  typeof SharedArrayBuffer === "undefined" ? undefined : new Int32Array(new SharedArrayBuffer(4));

let waiting = 0;
let sleep = sleepMilliseconds;
let turns = 0;
let armed = false;
let turnEnded = 0;

function turn(): void {
  if (waiting === 0) {
    armed = false;
    return;
  }
  turns++;
  const idle = performance.now() - turnEnded < idleTurnMilliseconds;
  if (turns > graceTurns && idle && sleepCell !== undefined) Atomics.wait(sleepCell, 0, 0, sleep);
  turnEnded = performance.now();
  schedule(turn);
}

declare function setImmediate(callback: () => void): unknown;

function schedule(callback: () => void): void {
  setImmediate(callback);
}

/** Awaits a GPU promise; on a runtime that polls, the event loop sleeps between turns meanwhile. */
export async function waitForGpu<T>(
  promise: Promise<T>,
  { polls, software }: { readonly polls: boolean; readonly software: boolean },
): Promise<T> {
  if (!polls) return await promise;
  sleep = software ? sleepMilliseconds : gpuSleepMilliseconds;
  waiting++;
  turns = 0;
  if (!armed) {
    armed = true;
    schedule(turn);
  }
  try {
    return await promise;
  } finally {
    waiting--;
  }
}
