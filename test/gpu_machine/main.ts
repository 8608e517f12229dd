// npm run test:gpu: every variant of every kernel that this machine's device has, and the ways made of them, against the
// float64 twins and against f32 over everything. A plain program, as a GPU machine may have Node and `webgpu` alone.
// Prints a line for each check; exits with 1 where one fails. --quick takes small sizes, --device gpu refuses a software
// adapter.
import { parseArgs } from "node:util";
import { GpuContext } from "../../src/gpu/context.ts";
import { tuneKernels } from "../../src/kernels/tuning.ts";
import type { Check } from "./check.ts";
import { describeVariants, kernelChecks } from "./kernel_checks.ts";
import { wayChecks } from "./way_checks.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    device: { type: "string", default: "auto" },
    only: { type: "string", default: "" },
  },
});
if (!["auto", "gpu", "software"].includes(values.device)) {
  console.error(`Cannot test on ${values.device}. Give --device auto, gpu or software`);
  process.exit(2);
}
const gpu = await GpuContext.acquire({ device: values.device as "auto" | "gpu" | "software" });
const { name, provider, subgroupMinSize, subgroupMaxSize, matrixShapes, maxBufferBytes } = gpu.adapter;
console.log(`${name}, ${provider}, subgroups ${subgroupMinSize} to ${subgroupMaxSize}`);
console.log(`matrices: ${matrixShapes.join(", ") || "none"}; largest buffer ${maxBufferBytes} bytes`);
for (const line of describeVariants(gpu)) console.log(`  ${line}`);
if (!gpu.adapter.software) console.log(`measured to be fastest: ${JSON.stringify(await tuneKernels(gpu))}`);

let failedCount = 0;
const began = performance.now();
const checks: Check[] = [...kernelChecks(gpu, values.quick), ...wayChecks(gpu, values.quick)].filter(
  (check) => check.name.includes(values.only),
);
for (const check of checks) {
  const start = performance.now();
  const outcome = await check.run(gpu).then(
    (note) => ({ word: "ok    ", note: note ?? "" }),
    (error: unknown) => {
      failedCount++;
      return { word: "FAILED", note: error instanceof Error ? error.message : String(error) };
    },
  );
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  console.log(`${outcome.word}  ${seconds.padStart(6)} s  ${check.name}  ${outcome.note}`.trimEnd());
}
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(`${checks.length} checks, ${failedCount} failed, ${seconds} s`);
gpu.destroy();
process.exit(failedCount === 0 ? 0 : 1);
