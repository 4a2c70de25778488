// Style sheets are bundled by esbuild; for the type checker an import of one has no value.
declare module '*.css';
