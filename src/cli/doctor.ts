// `clipsieve doctor`: everything the main job needs, tried for real and named, with the remedy beside what is missing. The
// first thing a stuck user runs, so it ends well whatever is broken: each check catches its own failure.
import { findModel, listModels } from "../embed/find_model.ts";
import { GpuContext } from "../gpu/context.ts";
import { openStorage } from "../io/open_storage.ts";
import { withQuietStderr } from "../io/quiet_stderr.ts";
import { rowNormalize } from "../kernels/row_normalize.ts";
import { openMediaEngine } from "../media/open_media_engine.ts";
import type { DevicePreference } from "../types.ts";
import { clipsieveVersion, runtimeVersion } from "../version.ts";
import { AUTO_ENCODERS } from "../video/encoder_choice.ts";
import { findShotModel } from "../video/shot_model.ts";

export interface DoctorOptions {
  readonly device: DevicePreference;
  readonly modelDir: string;
  readonly json?: boolean;
}

interface Finding {
  readonly name: string;
  /** ok: fine. note: the main job runs, something is lesser. fail: the main job cannot run. */
  readonly status: "ok" | "note" | "fail";
  readonly detail: string;
}

/** Prints the findings; resolves to 1 where the main job cannot run. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const findings = [
    checkRuntime(),
    ...(await checkGpu(options.device)),
    ...(await checkMedia()),
    ...(await checkModels(options.modelDir)),
    await checkShotModel(options.modelDir),
  ];
  const healthy = findings.every(({ status }) => status !== "fail");
  if (options.json === true) process.stdout.write(`${JSON.stringify({ healthy, findings })}\n`);
  else
    process.stdout.write(
      `${render(findings)}\n\n${healthy ? "The main job can run on this machine." : "The main job cannot run on this machine: mend what is marked fail."}\n`,
    );
  return healthy ? 0 : 1;
}

function render(findings: readonly Finding[]): string {
  const marks = { ok: "ok  ", note: "note", fail: "fail" } as const;
  const colors = { ok: "\u001b[32m", note: "\u001b[33m", fail: "\u001b[31m" } as const;
  const colored = process.stdout.isTTY === true && (process.env.NO_COLOR ?? "") === "";
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings
    .map(({ name, status, detail }) => {
      const mark = colored ? `${colors[status]}${marks[status]}\u001b[0m` : marks[status];
      return `${mark}  ${name.padEnd(width)}  ${detail}`;
    })
    .join("\n");
}

function checkRuntime(): Finding {
  return { name: "clipsieve", status: "ok", detail: `${clipsieveVersion} on ${runtimeVersion()}` };
}

async function checkGpu(device: DevicePreference): Promise<Finding[]> {
  let gpu: GpuContext;
  try {
    gpu = await GpuContext.acquire({ device, quietly: withQuietStderr });
  } catch (error) {
    return [{ name: "adapter", status: "fail", detail: messageOf(error) }];
  }
  try {
    const {
      name,
      software,
      provider,
      features,
      maxStorageBindingBytes,
      maxBufferBytes,
      maxWorkgroupStorageBytes,
      subgroupMinSize,
      subgroupMaxSize,
    } = gpu.adapter;
    const useful = [
      "shader-f16",
      "subgroups",
      "timestamp-query",
      "chromium-experimental-subgroup-matrix",
    ].map((feature) => `${features.includes(feature) ? "" : "no "}${feature}`);
    const subgroups =
      subgroupMinSize === null
        ? ""
        : `, subgroups of ${subgroupMinSize === subgroupMaxSize ? subgroupMinSize : `${subgroupMinSize} to ${subgroupMaxSize}`}`;
    const { rows } = await rowNormalize(gpu, Float32Array.of(3, 4), 2);
    const computes = Math.abs(rows[0]! - 0.6) < 1e-6 && Math.abs(rows[1]! - 0.8) < 1e-6;
    return [
      {
        name: "adapter",
        status: software ? "note" : "ok",
        detail: `${name}, through ${provider}${software ? ". It computes on the CPU: right, but slow. Install your GPU's Vulkan driver if this machine has a GPU" : ""}`,
      },
      { name: "features", status: "ok", detail: useful.join(", ") },
      {
        name: "limits",
        status: "ok",
        detail: `${bytes(maxStorageBindingBytes)} a binding, ${bytes(maxBufferBytes)} a buffer, ${bytes(maxWorkgroupStorageBytes)} workgroup memory${subgroups}`,
      },
      computes
        ? { name: "kernels", status: "ok", detail: "a kernel ran and its result is right" }
        : {
            name: "kernels",
            status: "fail",
            detail: `a kernel ran and its result is wrong: [${rows.join(", ")}] instead of [0.6, 0.8]. Update the GPU's driver, or use --device software`,
          },
    ];
  } catch (error) {
    return [{ name: "adapter", status: "fail", detail: `${gpu.adapter.name}: ${messageOf(error)}` }];
  } finally {
    gpu.destroy();
  }
}

async function checkMedia(): Promise<Finding[]> {
  try {
    const engine = await openMediaEngine();
    const encoders = await engine.encoders(AUTO_ENCODERS);
    const working = encoders.filter(({ works }) => works).map(({ name }) => name);
    const broken = encoders
      .filter(({ works }) => !works)
      .map(({ name, reason }) => `${name} (${reason ?? "does not work"})`);
    const slow = engine.version.includes("wasm");
    return [
      {
        name: "ffmpeg",
        status: slow ? "note" : "ok",
        detail: slow
          ? `${engine.version}, as no ffmpeg is on the PATH: slow. Install one (Debian and Ubuntu: apt-get install ffmpeg)`
          : engine.version,
      },
      working.length > 0
        ? {
            name: "encoders",
            status: "ok",
            detail: `${working.join(", ")}${broken.length > 0 ? `; not here: ${broken.join(", ")}` : ""}`,
          }
        : {
            name: "encoders",
            status: "fail",
            detail: `none works: ${broken.join(", ")}. Install an ffmpeg with libx264 or libvpx-vp9`,
          },
    ];
  } catch (error) {
    return [{ name: "ffmpeg", status: "fail", detail: messageOf(error) }];
  }
}

async function checkModels(modelDir: string): Promise<Finding[]> {
  const places = { openStorage, modelDir };
  const ready: string[] = [];
  const absent: string[] = [];
  let failure: string | undefined;
  for (const name of await listModels(places).catch(() => ["builtin"])) {
    try {
      await findModel(name, places);
      ready.push(name);
    } catch (error) {
      absent.push(name);
      if (name === "builtin") failure = messageOf(error);
    }
  }
  if (failure !== undefined) return [{ name: "models", status: "fail", detail: failure }];
  const more =
    absent.length === 0
      ? ""
      : `; without weights here: ${absent.join(", ")} (models/README.md says where they come from)`;
  return [{ name: "models", status: "ok", detail: `${ready.join(", ")}${more}` }];
}

/** The model of --splitting-algorithm transnetv2; the main job cuts at a fixed stride and does without. */
async function checkShotModel(modelDir: string): Promise<Finding> {
  try {
    const { spec, folder } = await findShotModel({ openStorage, modelDir });
    return { name: "shots", status: "ok", detail: `${spec.name}, in ${folder}` };
  } catch (error) {
    return { name: "shots", status: "note", detail: messageOf(error) };
  }
}

function bytes(count: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(count, 1)) / 10), units.length - 1);
  return `${Number((count / 2 ** (10 * power)).toFixed(1))} ${units[power]}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
