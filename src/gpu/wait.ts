// Waiting for the GPU without burning a core. dawn.node spins on setImmediate while any GPU promise is pending, which on
// a software adapter steals the very cores that compute. Sleeping a millisecond per turn of the event loop gives them
// back (measured on two cores: 24 -> 39 GFLOP/s). The trap: a sleeping turn also delays other I/O of this process, so
// the sleep starts only after a promise has been pending for a while.

const sleepMilliseconds = 1;
const graceTurns = 50;
const sleepCell =
  typeof SharedArrayBuffer === "undefined" ? undefined : new Int32Array(new SharedArrayBuffer(4));

let waiting = 0;
let turns = 0;
let armed = false;

function turn(): void {
  if (waiting === 0) {
    armed = false;
    return;
  }
  turns++;
  if (turns > graceTurns && sleepCell !== undefined) Atomics.wait(sleepCell, 0, 0, sleepMilliseconds);
  schedule(turn);
}

declare function setImmediate(callback: () => void): unknown;

function schedule(callback: () => void): void {
  setImmediate(callback);
}

/** Awaits a GPU promise; on a polling runtime the event loop sleeps between turns meanwhile. */
export async function waitForGpu<T>(promise: Promise<T>, polls: boolean): Promise<T> {
  if (!polls) return await promise;
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
