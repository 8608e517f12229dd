// Writes models/builtin/onnx/vision_model.onnx from graph.ts. With --check it only proves that the file is current.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { buildModel, design } from "./graph.ts";

const target = new URL("onnx/vision_model.onnx", import.meta.url);
const bytes = buildModel(design);
if (process.argv.includes("--check")) {
  if (!readFileSync(target).equals(bytes)) {
    console.error(
      "models/builtin/onnx/vision_model.onnx is not current. Run: node models/builtin/generate.ts",
    );
    process.exit(1);
  }
  console.log(`builtin model: current, ${bytes.length} bytes`);
} else {
  mkdirSync(new URL("onnx/", import.meta.url), { recursive: true });
  writeFileSync(target, bytes);
  console.log(`builtin model: ${bytes.length} bytes written`);
}
