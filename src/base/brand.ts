// Nominal types for numbers and strings that must not be confused. A brand exists at compile time only.

declare const brand: unique symbol;

/** A `Base` that can only be made by the constructor function beside its declaration. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
