import { expect, test } from "bun:test";
import { targetOf } from "#endpoint";

const CHAT = "/v1/chat/completions";

const JOINED: [base: string, path: string, url: string][] = [
  ["http://h:8000", CHAT, "http://h:8000/v1/chat/completions"],
  ["http://h:8000/", CHAT, "http://h:8000/v1/chat/completions"],
  ["http://h:8000//", CHAT, "http://h:8000/v1/chat/completions"],
  ["http://h/v1", CHAT, "http://h/v1/chat/completions"],
  ["http://h/v1/", CHAT, "http://h/v1/chat/completions"],
  ["http://h/openai/v1", CHAT, "http://h/openai/v1/chat/completions"],
  ["http://h/openai", CHAT, "http://h/openai/v1/chat/completions"],
  ["http://h/v1/chat/completions", CHAT, "http://h/v1/chat/completions"],
  ["http://h/v1/chat/completions/", CHAT, "http://h/v1/chat/completions"],
  ["http://h/proxy/v1/chat/completions", CHAT, "http://h/proxy/v1/chat/completions"],
  ["http://h/v1", "/rerank", "http://h/v1/rerank"],
  ["http://h/apiv1", CHAT, "http://h/apiv1/v1/chat/completions"],
  ["http://h", "rerank", "http://h/rerank"],
  ["http://h/exact/path", "", "http://h/exact/path"],
  ["http://h/exact/path", "/", "http://h/exact/path"],
  ["http://h", "", "http://h/"],
  ["http://h?key=1", CHAT, "http://h/v1/chat/completions?key=1"],
  ["http://h", "/v1/chat?api-version=2", "http://h/v1/chat?api-version=2"],
  ["http://h?key=1", "/v1/chat?api-version=2", "http://h/v1/chat?key=1&api-version=2"],
  ["http://h/v1/chat", "/v1/chat?api-version=2", "http://h/v1/chat?api-version=2"],
];
test.each(JOINED)("%s and %s make %s", (base, path, url) => {
  const target = targetOf(base, path);
  expect(target.url).toBe(url);
  expect(target.path).toBe(url.slice("http://".length).replace(/^[^/]+/, ""));
});

const ADDRESSES: [base: string, host: string, port: number, authority: string, tls: boolean][] = [
  ["http://localhost", "localhost", 80, "localhost", false],
  ["https://localhost", "localhost", 443, "localhost", true],
  ["http://localhost:80", "localhost", 80, "localhost", false],
  ["https://localhost:8443", "localhost", 8443, "localhost:8443", true],
  ["http://127.0.0.1:9", "127.0.0.1", 9, "127.0.0.1:9", false],
  ["http://[::1]:8000", "::1", 8000, "[::1]:8000", false],
  ["https://[::1]", "::1", 443, "[::1]", true],
  ["http://EXAMPLE.com", "example.com", 80, "example.com", false],
];
test.each(ADDRESSES)("%s is reached at %s, port %d", (base, host, port, authority, tls) => {
  expect(targetOf(base, CHAT)).toMatchObject({ host, serverName: host, port, authority, tls });
});
