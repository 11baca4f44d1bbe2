// oidc-provider as Entra's front door: node oidc_provider.mjs PORT PACKAGE; one line to stdout for each request.
// What is Microsoft's own is translated ahead of it: where the metadata lies; prompt=select_account (it hands out refresh
// tokens for scopes with offline_access only behind prompt=consent); and /me of Graph, which the userinfo endpoint
// answers, so that access tokens are checked by who issued them.
import { pathToFileURL } from 'node:url';

const [port, library] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(library));
const device = 'urn:ietf:params:oauth:grant-type:device_code';
const day = 86400;

const provider = new Provider('https://login.microsoftonline.com', {
  clients: [{
    client_id: '11111111-2222-3333-4444-555555555555',
    application_type: 'native', // RFC 8252, 7.3: whatever the port of a loopback address is
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://localhost'],
    grant_types: ['authorization_code', 'refresh_token', device],
    response_types: ['code'],
  }],
  scopes: ['openid', 'offline_access', 'profile', 'Mail.Read', 'Calendars.Read', 'Contacts.Read', 'User.Read'],
  features: { deviceFlow: { enabled: true }, revocation: { enabled: true }, devInteractions: { enabled: true } },
  clockTolerance: 0,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
  ttl: {
    AccessToken: 3, RefreshToken: day, DeviceCode: 120, AuthorizationCode: 60, Grant: day, Session: day,
    Interaction: 600, IdToken: 600,
  },
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, preferred_username: `${id}@example.com` }),
  }),
  cookies: { keys: ['a key for tests'] },
});

provider.proxy = true;
provider.use(async (context, next) => {
  context.path = context.path.replace(/^\/[a-z]+\/v2\.0\/\.well-known\//, '/.well-known/').replace(/^\/v1\.0\/me$/, '/me');
  if (context.query.prompt === 'select_account') context.query = { ...context.query, prompt: 'consent' };
  await next();
  if (context.path === '/device/auth') context.body = { ...context.body, interval: 1 };
  console.log(context.method, context.path, context.status);
});
provider.listen(Number(port), '127.0.0.1');
