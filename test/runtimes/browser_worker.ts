// The worker of the browser test: what an application's own worker file looks like.
import { serveWasmEngine } from "../../src/mod.ts";

serveWasmEngine();
