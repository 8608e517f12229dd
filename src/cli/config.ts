// Where the options of a command come from: the defaults of its table, then a YAML or JSON file (--config), then what was
// typed. A key or value that the table does not know is refused with the name of the flag and the value met.
import * as v from "valibot";
import { parse as parseYaml } from "yaml";
import { UsageError } from "../errors.ts";
import { readWholeFile } from "../io/local_file.ts";
import { type CommandName, commandOptions, commandSchemas } from "../pipeline/options.ts";
import { flagOf, kebab } from "./flags.ts";

type OptionsOf<C extends CommandName> = v.InferOutput<(typeof commandSchemas)[C]>;

/** Reads a configuration file into camelCase keys; kebab-case and snake_case keys mean the same. */
export async function readConfig(path: string): Promise<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = parseYaml(new TextDecoder().decode(await readWholeFile(path)));
  } catch (cause) {
    throw new UsageError(
      `Cannot read the configuration as it is not YAML or JSON: ${path} (${cause instanceof Error ? cause.message.split("\n")[0] : String(cause)})`,
      { cause },
    );
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed)) {
    throw new UsageError(
      `Cannot use the configuration as it is not a list of "option: value" lines: ${path}`,
    );
  }
  return Object.fromEntries(
    Object.entries(parsed).map(([key, value]) => [
      key.replace(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

/** Complete, checked options of a command. */
export function resolveOptions<C extends CommandName>(
  command: C,
  config: Record<string, unknown>,
  typed: Record<string, unknown>,
): OptionsOf<C> {
  const table: Readonly<Record<string, v.GenericSchema>> = commandOptions[command];
  for (const key of Object.keys(config)) {
    if (!(key in table))
      throw new UsageError(
        `Cannot use the configuration as \`clipsieve ${command}\` has no such option: ${key}. Its options: ${Object.keys(table).map(kebab).join(", ")}`,
      );
  }
  const result = v.safeParse(commandSchemas[command], { ...config, ...typed });
  if (result.success) return result.output as OptionsOf<C>;
  throw new UsageError(result.issues.map((issue) => complain(command, table, issue)).join("\n"));
}

function complain(
  command: CommandName,
  table: Readonly<Record<string, v.GenericSchema>>,
  issue: v.BaseIssue<unknown>,
): string {
  const key = String(issue.path?.[0]?.key ?? "");
  if (issue.input === undefined)
    return `Cannot run \`clipsieve ${command}\` as a required option is missing: ${flagOf(key, table)}`;
  return `Cannot use ${flagOf(key, table)} ${JSON.stringify(issue.input)}: expected ${issue.expected ?? issue.requirement ?? "another value"}`;
}
