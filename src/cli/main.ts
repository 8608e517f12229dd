#!/usr/bin/env node
// The command line: parses, prints, exits. Exit codes: 0 all done, 1 failed, 2 wrong usage, 3 done but some inputs
// failed, 130 interrupted. Results go to standard output (--json), everything else to standard error. What a command
// needs is loaded when it starts: help and version come without the GPU, ffmpeg or the models.
import * as nodeModule from "node:module";
import { Command, CommanderError, Option } from "commander";
import { ClipsieveError, InterruptedError, UsageError } from "../errors.ts";
import { type CommandName, commandOptions } from "../pipeline/options.ts";
import { clipsieveVersion } from "../version.ts";
import { addFlags, addOutputFlags } from "./flags.ts";
import { examples, summaries } from "./help.ts";
import { addNemoFlags } from "./nemo_flags.ts";

// Half of what a start takes is compiling what the start before compiled too. Other runtimes have no such cache, or their own.
nodeModule.enableCompileCache?.();

const exitCodes = { failed: 1, usage: 2, interrupted: 130 } as const;

/** How failures are told, before and after the options are parsed. */
const asked = {
  json: process.argv.includes("--json"),
  jsonLog: / --log-format[ =]json\b/.test(` ${process.argv.slice(2).join(" ")}`),
  verbose: process.argv.includes("--verbose"),
};

function buildProgram(finish: (code: number) => void): Command {
  const program = new Command("clipsieve")
    .description(
      "Split videos into clips, embed them, find and remove near-duplicates, export training shards.\nAll numeric work runs on the GPU through WebGPU; ffmpeg decodes and encodes.",
    )
    .version(clipsieveVersion, "-V, --version", "Print the version")
    .helpOption("-h, --help", "Print this help")
    .helpCommand("help [command]", "Print the help of a command")
    .addHelpText("after", examples.program);
  for (const name of Object.keys(commandOptions) as CommandName[]) {
    const command = program.command(name).description(summaries[name]).addHelpText("after", examples[name]);
    addFlags(command, commandOptions[name]);
    addNemoFlags(command, name);
    addOutputFlags(command);
    command.addHelpOption(new Option("-h, --help", "Print this help").helpGroup("Output:"));
    command.action(async () => finish(await (await import("./work.ts")).work(name, command)));
  }
  program
    .command("report")
    .description(summaries.report)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      say(
        "info",
        "The HTML report comes with a later version. Until then: run.json and semantic_dedup/duplicates/ in the output folder hold its figures.",
      );
      finish(0);
    });
  program
    .command("doctor")
    .description(summaries.doctor)
    .addHelpText("after", examples.doctor)
    .addOption(
      new Option("--device <choice>", "Where to compute")
        .choices(["auto", "gpu", "software"])
        .default("auto"),
    )
    .addOption(new Option("--model-dir <path>", "Folder with the weights of models").default("./models"))
    .addOption(new Option("--json", "Print the findings as JSON on standard output"))
    .action(async (options: { device: "auto" | "gpu" | "software"; modelDir: string; json?: boolean }) =>
      finish(await (await import("./doctor.ts")).doctor(options)),
    );
  program
    .command("bench")
    .description(summaries.bench)
    .allowUnknownOption()
    .helpOption(false)
    .argument("[options...]")
    .action(async (_options: string[], _flags: unknown, command: Command) =>
      finish(await (await import("./bench.ts")).bench(command.args)),
    );
  for (const command of [program, ...program.commands]) tellInOurWords(command);
  return program;
}

/** Commander's own complaints, in the form of all others and with the remedy. */
function tellInOurWords(command: Command): void {
  const name = command.parent === null ? "clipsieve" : `clipsieve ${command.name()}`;
  const remedy = `Run \`${name} --help\` for its ${command.parent === null ? "commands" : "options"}.`;
  command.exitOverride().configureOutput({
    outputError: (text) => {
      const complaint = text
        .trim()
        .replace(/^error: /, "")
        .replace(/\n\(Did you mean (.*)\?\)$/s, ". Did you mean $1?");
      fail(`${complaint.replace(/([^.?])$/, "$1.")} ${remedy}`);
    },
  });
}

function say(level: "info" | "error", message: string): void {
  process.stderr.write(
    asked.jsonLog
      ? `${JSON.stringify({ time: new Date().toISOString(), level, message })}\n`
      : `${message}\n`,
  );
}

/** Tells a failure; with --json a program that reads standard output finds it there too. */
function fail(message: string, status: "failed" | "interrupted" = "failed"): void {
  say("error", status === "failed" ? `clipsieve: ${message}` : message);
  if (asked.json) process.stdout.write(`${JSON.stringify({ status, message })}\n`);
}

/** What a failure tells the user, and the exit code it ends with. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof InterruptedError) {
    fail(error.message, "interrupted");
    return exitCodes.interrupted;
  }
  if (error instanceof ClipsieveError) {
    fail(error.message);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
  const detail = error instanceof Error ? error : new Error(String(error));
  const stack = asked.verbose
    ? `\n${detail.stack}`
    : ". Run again with --verbose for its stack, and please report it";
  fail(`met an error it did not expect: ${detail.message}${stack}`);
  return exitCodes.failed;
}

// Whoever reads our output may leave early (`| head`): that is no reason to stop working.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);
let exitCode = 0;
try {
  await buildProgram((code) => {
    exitCode = code;
  }).parseAsync();
} catch (error) {
  exitCode = explain(error);
}
// An open GPU keeps the process alive: everything is flushed, then it ends.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
