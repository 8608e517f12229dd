// The whole preprocessor of the shader build: `#import name` pastes shaders/lib/name.wgsl once per shader, or each time where
// the name begins with inline/ (statements that go into a function, an unrolled step among them), and
// `#ifdef NAME` / `#ifndef NAME`, `#else`, `#endif` keep or drop lines. Defines come from variants.json alone, so a
// shader never configures itself. Anything else that starts with "#" is an error.

/** Expands one shader. `read` returns the text of a shader by its name below shaders/, without the extension. */
export function preprocess(
  stem: string,
  read: (name: string) => string,
  defines: ReadonlySet<string>,
): string {
  const imported = new Set<string>();
  const output: string[] = [];
  expand(stem);
  return `${output.join("\n").trim()}\n`;

  function expand(name: string): void {
    const open: { kept: boolean; sawElse: boolean }[] = [];
    for (const [index, line] of read(name).split("\n").entries()) {
      const fail = (why: string): never => {
        throw new Error(`Cannot preprocess ${name}.wgsl line ${index + 1} as ${why}: ${line.trim()}`);
      };
      const directive = /^\s*#(\w+)\s*([\w/]*)\s*$/.exec(line);
      const kept = open.every((block) => block.kept);
      if (directive === null) {
        if (line.trimStart().startsWith("#")) fail("the directive is not known");
        if (kept) output.push(line);
        continue;
      }
      const [, word, argument = ""] = directive;
      const top = open.at(-1);
      if (word === "ifdef" || word === "ifndef") {
        open.push({ kept: defines.has(argument) === (word === "ifdef"), sawElse: false });
      } else if (word === "else") {
        if (top === undefined || top.sawElse) fail("no #ifdef is open");
        else Object.assign(top, { kept: !top.kept, sawElse: true });
      } else if (word === "endif") {
        if (open.pop() === undefined) fail("no #ifdef is open");
      } else if (word === "import") {
        if (kept && (argument.startsWith("inline/") || !imported.has(argument))) {
          imported.add(argument);
          expand(`lib/${argument}`);
        }
      } else {
        fail("the directive is not known");
      }
    }
    if (open.length > 0) throw new Error(`Cannot preprocess ${name}.wgsl as an #ifdef is not closed`);
  }
}
