// ffmpeg as WebAssembly, for videos that the browser cannot decode itself.
import { serveWasmEngine } from "clipsieve/web";

serveWasmEngine();
