// The built core is imported as a file: its module is the path of the file, on disk or embedded.

declare module "*/core.lib" {
  const path: string;
  export default path;
}
