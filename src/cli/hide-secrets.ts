const SECRET = /password|secret|token|credential|jaas|keystore\.key/i;
/** User and password of a URL. */
const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i;

/** For JSON.stringify: options that hold secrets are shown as `***`, and URLs without user and password. */
export function hideSecrets(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return SECRET.test(key) ? '***' : value.replace(USER_INFO, '$1***@');
}
