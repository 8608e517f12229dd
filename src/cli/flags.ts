// Turns the option tables of src/pipeline/options.ts into commander flags: the name in kebab case, the kind, the default
// and the help sentence all come from the table, so a new option is one row there and nothing here.
import { type Command, InvalidArgumentError, Option } from "commander";
import * as v from "valibot";
import { dedupOptions, exportOptions, splitOptions } from "../pipeline/options.ts";

type OptionTable = Readonly<Record<string, v.GenericSchema>>;

interface OptionFacts {
  readonly key: string;
  readonly description: string;
  /** What stands in angle brackets after the flag; undefined for a flag without value. */
  readonly value: "path" | "name" | "number" | "number|auto" | "choice" | undefined;
  readonly required: boolean;
  readonly choices: readonly string[] | undefined;
  readonly initial: unknown;
}

/** Flags that older or newer generations of the tutorials use for the same option. */
const aliases: Readonly<Record<string, string>> = {
  "output-clip-path": "outputPath",
  "output-dir": "outputPath",
};

/** Numbers are words of their own, but for that of a version: min-256, transnetv2. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]|(?<![v\d])\d+/g, (start) => `-${start.toLowerCase()}`);
}

/** The flag that a user types for an option. */
export function flagOf(key: string, table: OptionTable): string {
  const schema = table[key];
  const negated = schema !== undefined && factsOf(key, schema).initial === true;
  return negated ? `--no-${kebab(key)}` : `--${kebab(key)}`;
}

/** The key that an option or one of its aliases has in the tables. */
export function keyOf(name: string): string {
  return aliases[kebab(name)] ?? name;
}

export function addFlags(command: Command, table: OptionTable): void {
  const facts = Object.entries(table).map(([key, schema]) => factsOf(key, schema));
  for (const fact of facts) command.addOption(optionOf(fact).helpGroup(groupOf(fact)));
  for (const [name, key] of Object.entries(aliases)) {
    if (key in table) command.addOption(new Option(`--${name} <path>`, `Same as --${kebab(key)}`).hideHelp());
  }
}

/** How a command talks, whatever it does. */
export const outputFlags = ["json", "quiet", "verbose", "logFormat"] as const;

export function addOutputFlags(command: Command): void {
  const options = [
    new Option("--json", "Print one summary object on standard output"),
    new Option("--quiet", "Print warnings and errors only"),
    new Option("--verbose", "Print more, and the stack of unexpected errors"),
    new Option("--log-format <choice>", "Form of log lines").choices(["text", "json"]).default("text"),
    new Option("--config <file>", "YAML or JSON file with any of these options"),
    new Option("--print-config", "Print the options that would be used, as YAML, and stop"),
  ];
  for (const option of options) command.addOption(option.helpGroup("Output:"));
}

function groupOf({ key, required }: OptionFacts): string {
  if (required) return "Required:";
  if (key in splitOptions) return "Clips and embeddings:";
  if (key in dedupOptions) return "Near-duplicates:";
  return key in exportOptions ? "Shards:" : "General:";
}

/** The options that were really typed, by key; aliases resolved, defaults left out. */
export function typedOptions(command: Command, table: OptionTable): Record<string, unknown> {
  const typed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(command.opts())) {
    if (command.getOptionValueSource(name) !== "cli") continue;
    const key = keyOf(name);
    if (key in table) typed[key] = value;
  }
  return typed;
}

function factsOf(key: string, schema: v.GenericSchema): OptionFacts {
  const optional = schema as unknown as {
    readonly type: string;
    readonly wrapped?: v.GenericSchema;
    readonly default?: unknown;
  };
  const inner = (optional.type === "optional" ? optional.wrapped : schema) as v.GenericSchema & {
    readonly type: string;
    readonly options?: readonly string[];
  };
  return {
    key,
    description: v.getDescription(inner) ?? "",
    value: placeholderOf(key, inner.type),
    required: optional.type !== "optional",
    choices: inner.type === "picklist" ? inner.options : undefined,
    initial: optional.type === "optional" ? optional.default : undefined,
  };
}

function placeholderOf(key: string, type: string): OptionFacts["value"] {
  if (type === "boolean") return undefined;
  if (type === "number") return "number";
  if (type === "union") return "number|auto";
  if (type === "picklist") return "choice";
  return /(?:Dir|Path)$/.test(key) ? "path" : "name";
}

function optionOf({ key, description, value, choices, initial }: OptionFacts): Option {
  if (value === undefined) {
    return initial === true
      ? new Option(
          `--no-${kebab(key)}`,
          description.replace(/^(\w)/, (letter) => `Do not ${letter.toLowerCase()}`),
        )
      : new Option(`--${kebab(key)}`, description);
  }
  const option = new Option(`--${kebab(key)} <${value}>`, description);
  if (initial !== undefined) option.default(initial);
  if (choices !== undefined) option.choices([...choices]);
  if (value === "number" || value === "number|auto") option.argParser(parseNumber);
  return option;
}

function parseNumber(given: string): number | string {
  if (given === "auto") return given;
  const value = Number(given);
  if (given.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("It is not a number.");
  return value;
}
