// Reads a shader's contract out of its own text, so that the host never restates it: bindings in order, the scalar
// fields of `struct Params`, and the names of the overrides. The house convention is checked here: group 0, binding 0 is
// the uniform `params`, the rest are storage buffers, bindings count up without gaps.

export interface ShaderLayout {
  readonly bindings: readonly { readonly name: string; readonly access: "read" | "read_write" }[];
  /** Fields of the uniform, 4 bytes each, in order. */
  readonly params: readonly { readonly name: string; readonly type: "u32" | "i32" | "f32" }[];
  readonly overrides: readonly string[];
}

export function reflect(stem: string, code: string): ShaderLayout {
  const fail = (why: string): never => {
    throw new Error(`Cannot reflect ${stem}.wgsl as ${why}`);
  };
  const text = code.replace(/\/\/.*$/gm, "");
  const variables = [...text.matchAll(/@group\((\d+)\)\s*@binding\((\d+)\)\s*var<([^>]+)>\s*(\w+)\s*:/g)];
  variables.forEach(([, group, binding], index) => {
    if (group !== "0" || binding !== String(index))
      fail(`bindings must be group 0, counted up from 0: @group(${group}) @binding(${binding})`);
  });
  const [first, ...storage] = variables;
  if (first?.[3] !== "uniform" || first[4] !== "params")
    fail("binding 0 must be var<uniform> params: Params");
  const bindings = storage.map(([, , , kind = "", name = ""]) => {
    const words = kind.split(",").map((word) => word.trim());
    if (words[0] !== "storage") fail(`${name} must be a storage buffer: var<${kind}>`);
    return { name, access: words[1] === "read_write" ? ("read_write" as const) : ("read" as const) };
  });
  const body = /struct Params \{([^}]*)\}/.exec(text)?.[1] ?? fail("struct Params is missing");
  const params = body
    .split(",")
    .map((field) => field.trim())
    .filter((field) => field !== "")
    .map((field) => {
      const [, name, type] =
        /^(\w+)\s*:\s*(u32|i32|f32)$/.exec(field) ??
        fail(`fields of Params must be u32, i32 or f32: ${field}`);
      return { name: name as string, type: type as "u32" | "i32" | "f32" };
    });
  const overrides = [...text.matchAll(/^\s*override\s+(\w+)/gm)].map(([, name]) => name as string);
  return { bindings, params, overrides };
}
