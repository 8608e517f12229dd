// Prints the name of the WebGPU adapter that Dawn finds and exits 0, or the reason and exits 1. Asks Dawn itself, since
// a Vulkan driver may be installed and still be refused. Plain JavaScript: it runs before anything is known to work.
try {
  process.env.XDG_RUNTIME_DIR ??= "/tmp";
  const { create } = await import("webgpu");
  // Kept while the adapter lives: Dawn aborts the process when its instance is collected.
  globalThis.dawn = create([]);
  const adapter =
    (await globalThis.dawn.requestAdapter()) ??
    (await globalThis.dawn.requestAdapter({ forceFallbackAdapter: true }));
  if (adapter === null) {
    console.log("none");
    process.exit(1);
  }
  console.log(adapter.info.description || adapter.info.device || "unnamed");
  process.exit(0);
} catch (error) {
  console.log(error.message);
  process.exit(1);
}
