// Where the options of a command come from: the defaults of its table, then a YAML or JSON file (--config), then what was
// typed. A key or value that the table does not know is refused with the name of the flag and the value met.
import { Command, CommanderError } from "commander";
import * as v from "valibot";
import { UsageError } from "../errors.ts";
import { readWholeFile } from "../io/local_file.ts";
import { type CommandName, commandOptions, commandSchemas } from "../pipeline/options.ts";
import { flagOf, kebab, keyOf } from "./flags.ts";

type OptionsOf<C extends CommandName> = v.InferOutput<(typeof commandSchemas)[C]>;

/** Reads a configuration file into camelCase keys; kebab-case and snake_case keys mean the same. */
export async function readConfig(path: string): Promise<Record<string, unknown>> {
  const text = await readWholeFile(path).then(
    (bytes) => new TextDecoder().decode(bytes),
    (cause: unknown) => {
      throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
    },
  );
  const { parse: parseYaml } = await import("yaml");
  let parsed: unknown;
  try {
    parsed = parseYaml(text) ?? {};
  } catch (cause) {
    throw new UsageError(
      `Cannot read the configuration as it is not YAML or JSON: ${path} (${cause instanceof Error ? cause.message.split("\n")[0] : String(cause)})`,
      { cause },
    );
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new UsageError(
      `Cannot use the configuration as it is not a list of "option: value" lines: ${path}`,
    );
  }
  const entries = Object.entries(parsed).map(([key, value]) => configEntry(key, value));
  // A key without a value says as little as no key.
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

function configEntry(key: string, value: unknown): [key: string, value: unknown] {
  const camel = keyOf(key.replace(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase()));
  const [, negated] = /^no([A-Z]\w*)$/.exec(camel) ?? [];
  if (negated === undefined || typeof value !== "boolean") return [camel, value];
  return [negated.replace(/^./, (letter) => letter.toLowerCase()), !value];
}

/** Complete, checked options of a command. */
export function resolveOptions<C extends CommandName>(
  command: C,
  config: Record<string, unknown>,
  typed: Record<string, unknown>,
): OptionsOf<C> {
  const table: Readonly<Record<string, v.GenericSchema>> = commandOptions[command];
  const mine: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (key in table) mine[key] = value;
    // One file may serve all commands: only what none of them knows is refused.
    else if (!(key in commandOptions.run)) throw unknownKey(command, table, key);
  }
  const result = v.safeParse(commandSchemas[command], { ...mine, ...typed });
  if (result.success) return result.output as OptionsOf<C>;
  throw new UsageError(result.issues.map((issue) => complain(command, table, issue)).join("\n"));
}

function unknownKey(
  command: CommandName,
  table: Readonly<Record<string, v.GenericSchema>>,
  key: string,
): UsageError {
  const known = Object.keys(table).map(kebab);
  const meant = nearest(kebab(key), known);
  const remedy = meant === undefined ? `Its options: ${known.join(", ")}` : `Did you mean ${meant}?`;
  return new UsageError(
    `Cannot use the configuration as \`clipsieve ${command}\` has no such option: ${kebab(key)}. ${remedy}`,
  );
}

/** The option that was probably meant, as commander finds it for flags; undefined where none is like it. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const flags = new Command().helpOption(false).exitOverride();
  flags.configureOutput({ outputError: () => undefined });
  for (const option of known) flags.option(`--${option} <value>`);
  try {
    flags.parse([`--${name}`], { from: "user" });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return /Did you mean (.*)\?/.exec(error.message)?.[1]?.replaceAll("--", "");
  }
}

function complain(
  command: CommandName,
  table: Readonly<Record<string, v.GenericSchema>>,
  issue: v.BaseIssue<unknown>,
): string {
  const key = String(issue.path?.[0]?.key ?? "");
  if (issue.input === undefined)
    return `Cannot run \`clipsieve ${command}\` as a required option is missing: ${flagOf(key, table)}`;
  return `Cannot use --${kebab(key)} as it must be ${expectation(issue)}: ${JSON.stringify(issue.input)}`;
}

function expectation(issue: v.BaseIssue<unknown>): string {
  const { type, requirement } = issue;
  if (type === "integer") return "a whole number";
  if (type === "min_value")
    return requirement === Number.MIN_VALUE ? "more than 0" : `at least ${String(requirement)}`;
  if (type === "lt_value") return `less than ${String(requirement)}`;
  if (type === "min_length") return "a text that is not empty";
  if (type === "union") return 'a whole number of at least 1, or "auto"';
  if (type === "picklist")
    return `one of ${(issue.expected ?? "").replace(/[()"]/g, "").replaceAll(" | ", ", ")}`;
  const kinds: Readonly<Record<string, string>> = {
    number: "a number",
    string: "a text",
    boolean: "true or false",
  };
  return kinds[type] ?? issue.expected ?? "another value";
}
