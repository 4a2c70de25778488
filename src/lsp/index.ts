// L8: the language server protocol over ide/. Converts, schedules and cancels; analyses nothing.

export { type LanguageServerOptions, serveLanguage } from './server.ts';
export { readSettings, type Settings } from './settings.ts';
