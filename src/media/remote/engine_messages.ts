// What a page and a worker say to each other so that a media engine lives in the worker: one call at a time, its receivers
// called as events that the page answers when it is done with them. That is the back-pressure.
import { InputError, InterruptedError, MediaEngineError, type ReasonCode, UsageError } from "../../errors.ts";
import type { ClipInfo, GrayFrame, MediaEngine, Preview, SampledFrame, ScannedFrame } from "../engine.ts";

export type EngineMethod = "probe" | "split" | "scan" | "encoders";

export type PageMessage<Options> =
  | { readonly kind: "open"; readonly options: Options }
  | { readonly kind: "call"; readonly method: EngineMethod; readonly argument: unknown }
  | { readonly kind: "received"; readonly event: number; readonly error: PlainError | null };

export type WorkerMessage =
  | { readonly kind: "opened"; readonly facts: Pick<MediaEngine, "version" | "autoEncoders"> }
  | { readonly kind: "result"; readonly value: unknown }
  | { readonly kind: "failure"; readonly error: PlainError }
  | { readonly kind: "event"; readonly event: number; readonly delivery: Delivery };

/** What a receiver of a split or a scan is called with. */
export type Delivery =
  | { readonly to: "onClip"; readonly value: DeliveredClip }
  | { readonly to: "onFrame"; readonly value: SampledFrame }
  | { readonly to: "onGrayFrame"; readonly value: GrayFrame }
  | { readonly to: "onPreview"; readonly value: Preview }
  | { readonly to: "onScannedFrame"; readonly value: ScannedFrame };

/** A clip, read to its end. */
export interface DeliveredClip {
  readonly index: number;
  readonly info: ClipInfo;
  readonly parts: readonly Uint8Array[];
}

/** An error as data: classes do not travel. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly reason: ReasonCode | null;
  readonly skipped: boolean;
}

export function toPlainError(error: unknown): PlainError {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  return error instanceof InputError
    ? { name, message, reason: error.reason, skipped: error.skipped }
    : { name, message, reason: null, skipped: false };
}

export function fromPlainError({ name, message, reason, skipped }: PlainError): Error {
  if (reason !== null) return new InputError(reason, message, { skipped });
  const known = { InterruptedError, MediaEngineError, UsageError }[name];
  return known === undefined ? new Error(message) : new known(message);
}
