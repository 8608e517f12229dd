#!/usr/bin/env node
// The command line: parses, prints, exits. Exit codes: 0 all done, 1 failed, 2 wrong usage, 3 done but some inputs
// failed, 130 interrupted. Results go to standard output (--json), everything else to standard error.
import { Command, CommanderError, Option } from "commander";
import { ClipsieveError, InterruptedError, UsageError } from "../errors.ts";
import { type CommandName, commandOptions } from "../pipeline/options.ts";
import { clipsieveVersion } from "../version.ts";
import { bench } from "./bench.ts";
import { doctor } from "./doctor.ts";
import { addFlags } from "./flags.ts";
import { examples, summaries } from "./help.ts";
import { work } from "./work.ts";

const exitCodes = { failed: 1, usage: 2, interrupted: 130 } as const;

function buildProgram(finish: (code: number) => void): Command {
  const program = new Command("clipsieve")
    .description(
      "Split videos into clips, embed them, find and remove near-duplicates, export training shards.\nAll numeric work runs on the GPU through WebGPU; ffmpeg decodes and encodes.",
    )
    .version(clipsieveVersion)
    .showHelpAfterError("Run `clipsieve <command> --help` for its options.")
    .addHelpText("after", examples.program);
  for (const name of Object.keys(commandOptions) as CommandName[]) {
    const command = program.command(name).description(summaries[name]).addHelpText("after", examples[name]);
    addFlags(command, commandOptions[name]);
    addOutputFlags(command)
      .addOption(new Option("--config <file>", "YAML or JSON file with any of these options"))
      .addOption(new Option("--print-config", "Print the options that would be used, as YAML, and stop"))
      .action(async () => finish(await work(name, command)));
  }
  program
    .command("report")
    .description(summaries.report)
    .action(() => {
      process.stderr.write(
        "The HTML report comes with a later version. Until then: run.json and semantic_dedup/duplicates/ in the output folder hold its figures.\n",
      );
      finish(0);
    });
  const doctorCommand = program
    .command("doctor")
    .description(summaries.doctor)
    .addHelpText("after", examples.doctor);
  doctorCommand
    .addOption(
      new Option("--device <text>", "Where to compute").choices(["auto", "gpu", "software"]).default("auto"),
    )
    .addOption(new Option("--model-dir <text>", "Folder with the weights of models").default("./models"))
    .addOption(new Option("--json", "Print the findings as JSON on standard output"))
    .action(async (options: { device: "auto" | "gpu" | "software"; modelDir: string; json?: boolean }) =>
      finish(await doctor(options)),
    );
  program
    .command("bench")
    .description(summaries.bench)
    .allowUnknownOption()
    .helpOption(false)
    .argument("[options...]")
    .action(async (_options: string[], _flags: unknown, command: Command) =>
      finish(await bench(command.args)),
    );
  return program;
}

function addOutputFlags(command: Command): Command {
  return command
    .addOption(new Option("--json", "Print one summary object on standard output"))
    .addOption(new Option("--quiet", "Print warnings and errors only"))
    .addOption(new Option("--verbose", "Print more, and the stack of unexpected errors"))
    .addOption(
      new Option("--log-format <text>", "Form of log lines").choices(["text", "json"]).default("text"),
    );
}

/** What a failure tells the user, and the exit code it ends with. */
function explain(error: unknown, verbose: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if (error instanceof InterruptedError) {
    process.stderr.write(`${error.message}\n`);
    return exitCodes.interrupted;
  }
  if (error instanceof ClipsieveError) {
    process.stderr.write(`clipsieve: ${error.message}\n`);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
  const detail = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`clipsieve met an error it did not expect: ${detail.message}\n`);
  process.stderr.write(
    verbose ? `${detail.stack}\n` : "Run again with --verbose for its stack, and please report it.\n",
  );
  return exitCodes.failed;
}

let exitCode = 0;
const program = buildProgram((code) => {
  exitCode = code;
}).exitOverride();
for (const command of program.commands) command.exitOverride();
try {
  await program.parseAsync();
} catch (error) {
  exitCode = explain(error, process.argv.includes("--verbose"));
}
// An open GPU keeps the process alive: everything is flushed, then it ends.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
