// What a tokenizer is made of, before any engine has looked at it, and the two places on this
// machine where it may lie: a folder of the user's, or this very program.

import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fail, messageOf } from "#core";
import { type Content, contentAt, contentWithin } from "./content.ts";
import o200kPath from "./o200k.zst" with { type: "file" };

export const TOKENIZER_FILE = "tokenizer.json";
export const TEMPLATE_FILE = "chat_template.jinja";
export const CONFIG_FILE = "tokenizer_config.json";

/** A tokenizer's files. */
export interface TokenizerFiles {
  readonly name: string;
  /** `tokenizer.json`, which may be compressed. */
  readonly stored: Content;
  /** The bytes of `tokenizer.json`, from those that are stored. */
  readonly unpack: (stored: Uint8Array) => Uint8Array;
  /** The text of `tokenizer_config.json`; `{}` where there is none. */
  readonly config: () => string;
}

/** Environment variables, as an argument. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The tokenizer that the program carries: o200k_base. */
export function builtinFiles(): TokenizerFiles {
  return {
    name: "builtin",
    stored: contentWithin(o200kPath),
    unpack: (stored) => Bun.zstdDecompressSync(stored),
    config: () => "{}",
  };
}

/**
 * The files at a path: a folder with `tokenizer.json`, or such a file under any name.
 * @returns undefined when nothing is there and the name need not be a path
 * @throws E_TOKENIZER_PATH when something is there, or must be, and cannot be read
 */
export function localFiles(name: string, env: Env): TokenizerFiles | undefined {
  const path = expandHome(name, env);
  if (!existsSync(path)) {
    if (!/^[./~\\]|\.json$|^[A-Za-z]:\\/.test(name)) return undefined;
    fail("E_TOKENIZER_PATH", `tokenizer ${name}: no such file or folder`, "check the path");
  }
  const file = statSync(path).isDirectory() ? join(path, TOKENIZER_FILE) : path;
  if (!existsSync(file)) {
    // A folder of the same name as a hub id is common where models are kept; it need not be ours.
    if (isHubId(name)) return undefined;
    fail(
      "E_TOKENIZER_PATH",
      `tokenizer ${name}: the folder has no ${TOKENIZER_FILE}`,
      "name a folder or file that has one, or pass --tokenizer builtin",
    );
  }
  return filesAt(name, file);
}

/** The files that lie beside each other: `tokenizer.json` and, where there is one, its config. */
export function filesAt(name: string, file: string): TokenizerFiles {
  const stored = contentAt(file);
  const configPath = join(dirname(file), CONFIG_FILE);
  const hasConfig = basename(file) !== CONFIG_FILE && existsSync(configPath);
  return {
    name,
    stored: {
      name: () => reading(name, stored.name),
      read: () => reading(name, stored.read),
    },
    unpack: (bytes) => bytes,
    config: () => {
      const config = hasConfig ? textAt(name, configPath) : "{}";
      const templatePath = join(dirname(file), TEMPLATE_FILE);
      if (!existsSync(templatePath)) return config;
      return withTemplate(config, textAt(name, templatePath));
    },
  };
}

/** A config with the chat template that lay beside it, where newer models keep theirs. */
export function withTemplate(config: string, template: string): string {
  return JSON.stringify({ ...JSON.parse(config), chat_template: template });
}

/** True for what the hub could know: `owner/name`, or a name alone. */
export function isHubId(name: string): boolean {
  return (
    name.length <= 96 && /^(?:\w[\w.-]*\/)?\w(?:[\w.-]*\w)?$/.test(name) && !/--|\.\./.test(name)
  );
}

/** A path that may begin with `~`. */
export function expandHome(path: string, env: Env): string {
  return path.replace(/^~(?=$|[/\\])/, () => homeFolder(env));
}

export function homeFolder(env: Env): string {
  return env.HOME || homedir();
}

function textAt(name: string, file: string): string {
  return reading(name, () => new TextDecoder().decode(readFileSync(file)));
}

/** What `read` answers, or why it cannot, in terms of the tokenizer. */
function reading<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    return fail(
      "E_TOKENIZER_PATH",
      `tokenizer ${name}: ${messageOf(error)}`,
      "check the path and its permissions",
    );
  }
}
