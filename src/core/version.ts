import packageJson from "../../package.json" with { type: "json" };

/** The program's own version; it appears in `--version`, in artifacts and in `User-Agent`. */
export const VERSION: string = packageJson.version;
