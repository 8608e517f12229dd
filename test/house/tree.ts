// What the house rules look at: the files of the repository that people write, and the imports of a module.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

export const root: string = join(import.meta.dirname, "../..");

export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

const othersFolders = new Set(["node_modules", "dist", "demo-out", ".git"]);

/** Files below the folders, relative to the repository with "/" between parts; what others made or a build wrote left out. */
export function filesBelow(folders: readonly string[], suffix: string): string[] {
  const paths = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry): string[] => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return othersFolders.has(entry.name) ? [] : filesBelow([path], suffix);
      return entry.isFile() && path.endsWith(suffix) ? [path] : [];
    }),
  );
  return paths.sort();
}

/** Names of the files of one folder that end in `suffix`, without it. */
export function stemsIn(folder: string, suffix: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .sort();
}

export function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}

export interface Import {
  readonly specifier: string;
  /** The module in the repository, where the specifier is a relative path. */
  readonly path: string | undefined;
}

/** What a module imports, statically, dynamically or for types only. */
export function importsOf(modulePath: string): Import[] {
  const source = withoutComments(readText(modulePath));
  const pattern = /\b(?:from|import)\s*\(?\s*(?:\/\*.*?\*\/\s*)?["']([^"'\n]+)["']/g;
  return [...source.matchAll(pattern)].map(([, specifier = ""]) => ({
    specifier,
    path: specifier.startsWith(".") ? posix.join(dirname(modulePath), specifier) : undefined,
  }));
}
