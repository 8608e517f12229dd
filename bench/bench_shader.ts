// Runs a shader of bench/shaders, which are no kernels of the library: no variants, no twin, bindings in order.
// The trap: the parameters are u32 unless the name says factor; the struct of the shader has the same order.
import { readFileSync } from "node:fs";
import type { GpuContext } from "../src/gpu/context.ts";

export interface BenchDispatch {
  readonly params: Readonly<Record<string, number>>;
  readonly buffers: readonly GPUBuffer[];
  readonly grid: readonly [x: number, y: number];
}

export class BenchShader {
  readonly #device: GPUDevice;
  readonly #pipeline: GPUComputePipeline;

  constructor(gpu: GpuContext, name: string) {
    this.#device = gpu.device;
    const code = readFileSync(new URL(`shaders/${name}.wgsl`, import.meta.url), "utf8");
    this.#pipeline = gpu.device.createComputePipeline({
      label: `bench.${name}`,
      layout: "auto",
      compute: {
        module: gpu.device.createShaderModule({ label: `bench.${name}`, code }),
        entryPoint: "main",
      },
    });
  }

  submit({ params, buffers, grid }: BenchDispatch): void {
    const device = this.#device;
    const names = Object.keys(params);
    const uniform = device.createBuffer({
      size: Math.max(16, names.length * 4),
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    const view = new DataView(new ArrayBuffer(uniform.size));
    for (const [i, name] of names.entries()) {
      if (name === "factor") view.setFloat32(i * 4, params[name]!, true);
      else view.setUint32(i * 4, params[name]!, true);
    }
    device.queue.writeBuffer(uniform, 0, view.buffer as ArrayBuffer);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout: this.#pipeline.getBindGroupLayout(0),
        entries: [uniform, ...buffers].map((buffer, binding) => ({ binding, resource: { buffer } })),
      }),
    );
    pass.dispatchWorkgroups(grid[0], grid[1]);
    pass.end();
    device.queue.submit([encoder.finish()]);
    uniform.destroy();
  }
}
