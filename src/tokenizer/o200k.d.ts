// The carried tokenizer is imported as a file: its module is the path, on disk or embedded.

declare module "*.zst" {
  const path: string;
  export default path;
}
