// What only a codec can do is done by ffmpeg, where it is installed. Films and MP3 would take
// libraries of megabytes, or of licences, that few runs ever need.

import { fail, messageOf } from "#core";

const WAY_OUT = "install ffmpeg and put it on the PATH";
/** No clip that a benchmark sends takes longer. */
const TIME_LIMIT_MS = 120_000;
const SHOWN_CHARACTERS_MAX = 200;

/**
 * What ffmpeg makes of its standard input.
 * @throws E_MEDIA_FFMPEG when it is not there, or fails
 */
export async function ffmpeg(
  purpose: string,
  args: readonly string[],
  input: Uint8Array | undefined,
): Promise<Uint8Array> {
  const program = Bun.which("ffmpeg", { PATH: process.env.PATH ?? "" });
  if (program === null) {
    return fail("E_MEDIA_FFMPEG", `${purpose} needs ffmpeg, which is not installed here`, WAY_OUT);
  }
  let child: Bun.Subprocess<Uint8Array | "ignore", "pipe", "pipe">;
  try {
    child = Bun.spawn([program, "-hide_banner", "-loglevel", "error", ...args, "pipe:1"], {
      stdin: input ?? "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: TIME_LIMIT_MS,
    });
  } catch (error) {
    return fail("E_MEDIA_FFMPEG", `ffmpeg cannot be started: ${messageOf(error)}`, WAY_OUT);
  }
  const [bytes, said, status] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (status === 0 && bytes.length > 0) return bytes;
  const [line = `status ${status}`] = said.trim().split("\n").slice(-1);
  const reason = line.slice(0, SHOWN_CHARACTERS_MAX) || `status ${status}`;
  return fail("E_MEDIA_FFMPEG", `${purpose}: ffmpeg failed: ${reason}`, "try another codec");
}

/** A WAV file as MP3. */
export function encodeMp3(wav: Uint8Array): Promise<Uint8Array> {
  return ffmpeg("--audio-format mp3", ["-f", "wav", "-i", "pipe:0", "-f", "mp3"], wav);
}

/** A picture file in another size and encoding. */
export function scalePicture(
  path: string,
  width: number,
  height: number,
  format: "png" | "jpeg",
): Promise<Uint8Array> {
  const codec = format === "png" ? "png" : "mjpeg";
  const args = ["-i", path, "-frames:v", "1", "-vf", `scale=${width}:${height}`];
  return ffmpeg(`scaling ${path}`, [...args, "-f", "image2pipe", "-c:v", codec], undefined);
}
