// Turns the option tables of src/pipeline/options.ts into commander flags: the name in kebab case, the kind, the default
// and the help sentence all come from the table, so a new option is one row there and nothing here.
import { type Command, InvalidArgumentError, Option } from "commander";
import * as v from "valibot";

type OptionTable = Readonly<Record<string, v.GenericSchema>>;

interface OptionFacts {
  readonly key: string;
  readonly description: string;
  readonly kind: "text" | "number" | "flag";
  readonly choices: readonly string[] | undefined;
  readonly initial: unknown;
}

/** Flags that older or newer generations of the tutorials use for the same option. */
const aliases: Readonly<Record<string, string>> = {
  "output-clip-path": "outputPath",
  "output-dir": "outputPath",
};

export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The flag that a user types for an option. */
export function flagOf(key: string, table: OptionTable): string {
  const schema = table[key];
  const negated = schema !== undefined && factsOf(key, schema).initial === true;
  return negated ? `--no-${kebab(key)}` : `--${kebab(key)}`;
}

export function addFlags(command: Command, table: OptionTable): void {
  for (const [key, schema] of Object.entries(table)) command.addOption(optionOf(factsOf(key, schema)));
  for (const [name, key] of Object.entries(aliases)) {
    if (key in table) command.addOption(new Option(`--${name} <text>`, `Same as --${kebab(key)}`).hideHelp());
  }
}

/** The options that were really typed, by key; aliases resolved, defaults left out. */
export function typedOptions(command: Command, table: OptionTable): Record<string, unknown> {
  const typed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(command.opts())) {
    if (command.getOptionValueSource(name) !== "cli") continue;
    const key = aliases[kebab(name)] ?? name;
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
  const kind =
    inner.type === "boolean" ? "flag" : inner.type === "number" || inner.type === "union" ? "number" : "text";
  return {
    key,
    description: v.getDescription(inner) ?? "",
    kind,
    choices: inner.type === "picklist" ? inner.options : undefined,
    initial: optional.type === "optional" ? optional.default : undefined,
  };
}

function optionOf({ key, description, kind, choices, initial }: OptionFacts): Option {
  if (kind === "flag") {
    return initial === true
      ? new Option(
          `--no-${kebab(key)}`,
          description.replace(/^(\w)/, (letter) => `Do not: ${letter.toLowerCase()}`),
        )
      : new Option(`--${kebab(key)}`, description);
  }
  const option = new Option(`--${kebab(key)} <${kind}>`, description);
  if (initial !== undefined) option.default(initial);
  if (choices !== undefined) option.choices([...choices]);
  if (kind === "number") option.argParser(parseNumber);
  return option;
}

function parseNumber(given: string): number | string {
  if (given === "auto") return given;
  const value = Number(given);
  if (given.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("It is not a number.");
  return value;
}
