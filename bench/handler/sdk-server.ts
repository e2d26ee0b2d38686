import { ApsConfiguration, SdkManagerBuilder } from '@aps_sdk/autodesk-sdkmanager';
import { DataManagementClient } from '@aps_sdk/data-management';
import { Pool } from 'undici';
import { createHandler, type ProjectsDocument } from './app.ts';
import { readEnvironment, serve } from './environment.ts';
import { createTokenCache } from './token.ts';

// Baseline (b): the same handler on the provider's own SDK, with the settings it comes with.

/** The SDK joins the base address, as text, and a path that begins with a slash: as text it must not end with one. */
class BaseAddress extends URL {
  override toString(): string {
    return this.origin;
  }
}

const environment = readEnvironment();
const token = createTokenCache(new Pool(environment.providerOrigin, { connections: 1 }), environment);
const configuration = new ApsConfiguration({});
configuration.baseAddress = new BaseAddress(environment.providerOrigin);
const sdkManager = SdkManagerBuilder.create().addApsConfiguration(configuration).build();
const client = new DataManagementClient({ sdkManager });

const app = createHandler(environment.key, async ({ hubId, pageNumber, pageSize }) => {
  const accessToken = await token();
  const projects = await client.getHubProjects(hubId, { accessToken, pageNumber, pageLimit: pageSize });
  return projects as unknown as ProjectsDocument;
});
await serve(app);
