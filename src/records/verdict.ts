// Whether a request has a result, and if not, why. The order matters: what the socket saw comes
// before what the server said, and that before what was made of it.

import type { RequestError } from "#core";
import { CANCELLED, FAILED, type RequestEnd } from "#ring";
import { MALFORMED_REPLY, type Reply } from "./reply.ts";

/** The error of a request that has ended; undefined when it has a result. */
export function errorOf(
  end: RequestEnd,
  reply: Reply,
  streaming: boolean,
): RequestError | undefined {
  if (end.outcome === CANCELLED)
    return { code: 499, type: "RequestCancellationError", message: end.failureMessage };
  if (end.outcome === FAILED) {
    const code = Number.isNaN(end.status) || end.status < 400 ? undefined : end.status;
    return { code, type: end.failureType, message: end.failureMessage };
  }
  if (end.status < 200 || end.status >= 300) return statusError(end, reply);
  // Bytes older than the request are another's, whose END found no room.
  if (end.framesLost > 0 || reply.firstBytesNs < end.startNs)
    return {
      code: undefined,
      type: "FramesLost",
      message:
        "this machine read replies too slowly, and a part of this one was dropped: lower the load, or give the program more CPU",
    };
  if (isCompressed(end) && !reply.isInflated)
    return {
      code: undefined,
      type: "CompressedReply",
      message: `the reply is compressed (${end.contentEncoding}), which hides when tokens came: turn compression off at the server or its proxy`,
    };
  // A page of HTML is not JSON either, but that it is no stream says more.
  const stated = reply.error !== undefined && reply.error.type !== MALFORMED_REPLY;
  if (streaming && !end.contentType.startsWith("text/event-stream") && !stated)
    return {
      code: undefined,
      type: "NotAStream",
      message: `a stream was asked for, but the reply is ${end.contentType || "untyped"}: check --url and --endpoint-type, or leave out --streaming`,
    };
  if (reply.error !== undefined) return reply.error;
  if (reply.contents === 0)
    return {
      code: undefined,
      type: "InvalidInferenceResultError",
      message:
        "the reply ended without any content: see the server's log, or send it a body of inputs.json by hand",
    };
  return undefined;
}

function statusError(end: RequestEnd, reply: Reply): RequestError {
  const fallback =
    end.status < 400
      ? "the server redirects: give --url the address that it redirects to"
      : "the server gave no reason: see its log";
  return {
    code: end.status,
    type: end.reason || `HTTP ${end.status}`,
    message: reply.bodyText(end.contentEncoding) || fallback,
  };
}

function isCompressed(end: RequestEnd): boolean {
  return end.contentEncoding !== "" && end.contentEncoding !== "identity";
}
