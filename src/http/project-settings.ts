import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { getProjectSettings, type ProjectSettings, putProjectSettings } from '../domain/project-settings.ts';
import { faultOfOrigin, faultOfReturnUrl, MAX_RETURN_URLS, MAX_URL_CHARS } from '../link/return-url.ts';
import { Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';
import { callerOf } from './authentication.ts';

const Urls = Type.Array(Type.String({ minLength: 1, maxLength: MAX_URL_CHARS }), {
  maxItems: MAX_RETURN_URLS,
  uniqueItems: true,
});
const SettingsBody = Type.Object(
  {
    workspace_name: Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()]),
    return_urls: Urls,
    popup_origins: Urls,
  },
  { additionalProperties: false },
);

/** The body of `PUT /project_settings`. */
export type ProjectSettingsRequest = Static<typeof SettingsBody>;
/** The answer of `/project_settings`. */
export type ProjectSettingsView = ProjectSettings & { project: string };

/** `/project_settings`: what the operators of a project set for its links. All of it is put at once. */
export function projectSettingsRoutes(app: FastifyInstance, { store }: { store: Store }): void {
  app.get('/project_settings', async (request) => {
    const { project } = callerOf(request);
    return { project, ...(await getProjectSettings(store, project)) };
  });

  app.put<{ Body: Static<typeof SettingsBody> }>(
    '/project_settings',
    { schema: { body: SettingsBody } },
    async (request) => {
      const { project } = callerOf(request);
      const { return_urls, popup_origins } = request.body;
      const errors = [
        ...faults('/return_urls', return_urls, faultOfReturnUrl),
        ...faults('/popup_origins', popup_origins, faultOfOrigin),
      ];
      if (errors.length > 0) throw new Problem('request_invalid', 'The project settings are not valid.', { errors });
      await putProjectSettings(store, project, request.body);
      return { project, ...request.body };
    },
  );
}

function faults(path: string, urls: readonly string[], faultOf: (url: string) => string | undefined) {
  return urls.flatMap((url, index) => {
    const message = faultOf(url);
    return message === undefined ? [] : [{ path: `${path}/${index}`, message }];
  });
}
