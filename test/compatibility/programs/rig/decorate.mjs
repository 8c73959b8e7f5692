// Decorators of Nest as functions, because these programs are not compiled.

export function decorate(Class, ...decorators) {
  for (const apply of decorators) apply(Class);
}

export function decorateMethod({ prototype }, name, ...decorators) {
  for (const apply of decorators) apply(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
}
