// Runs the smoke suite in the runtime that runs this file and prints its result as one line of JSON.
import { smoke } from "./smoke.ts";

const result = await smoke();
console.log(JSON.stringify(result));
// Native WebGPU may keep a runtime alive after its device is gone.
process.exit(0);
