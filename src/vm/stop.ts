// Why the interpreter came back to its caller.

export const STOP = { budget: 0, returned: 1, fault: 2, breakpoint: 3 } as const;
export type Stop = (typeof STOP)[keyof typeof STOP];
