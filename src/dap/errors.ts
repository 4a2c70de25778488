// Every error that the adapter answers with, numbered: a client can tell them apart, a person reads the text.

/** A failed request. `showUser` asks the editor for a notification instead of a quiet mark. */
export class DapError extends Error {
  override readonly name = 'DapError';
  readonly id: number;
  readonly showUser: boolean;

  constructor(id: number, message: string, visibility: 'shown' | 'quiet') {
    super(message);
    this.id = id;
    this.showUser = visibility === 'shown';
  }
}

export const unknownRequest = (command: string) =>
  new DapError(1001, `This adapter does not know the request '${command}'`, 'quiet');
export const notLaunched = () => new DapError(1002, 'Nothing is being debugged yet: send launch first', 'quiet');
export const badArguments = (what: string) => new DapError(1003, what, 'quiet');
export const launchFailed = (why: string) => new DapError(1004, why, 'shown');
export const nothingToAttachTo = () =>
  new DapError(
    1006,
    'There is nothing to attach to: the handshake is simulated, and a running kernel cannot single-step these programs. Use a launch configuration',
    'shown',
  );
export const alreadyLaunched = () => new DapError(1005, 'This session has been launched already', 'quiet');
export const staleFrame = (id: number) => new DapError(2001, `Stack frame ${id} is from an earlier stop`, 'quiet');
export const staleReference = (reference: number) =>
  new DapError(2002, `Variables reference ${reference} is from an earlier stop`, 'quiet');
export const noSuchVariable = (name: string) => new DapError(2003, `There is no variable '${name}' here`, 'quiet');
export const cannotSet = (why: string) => new DapError(2004, why, 'shown');
export const cannotEvaluate = (why: string) => new DapError(2005, why, 'quiet');
export const cannotRead = (why: string) => new DapError(2006, why, 'quiet');
export const cannotWrite = (why: string) => new DapError(2007, why, 'shown');
export const notStopped = () => new DapError(2008, 'The program does not stand inside a callback now', 'quiet');
export const noTarget = (id: number) => new DapError(2009, `Target ${id} is from an earlier request`, 'quiet');
export const noSuchSource = (reference: number) =>
  new DapError(2010, `There is no source with reference ${reference}`, 'quiet');
export const internal = (message: string) =>
  new DapError(9999, `Internal error of Sockscope (please report it): ${message}`, 'shown');
