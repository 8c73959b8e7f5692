/** Whether redis-hygiene knows this version of ioredis: ^5.11 or ^6. */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 6 || (major === 5 && minor >= 11);
}
