import type { AccountProject } from './account-model.ts';

const IMAGE = 'https://storage.example/project-default-1.0.png';

/** A project as `/construction/admin/v1` answers it: every documented field, unknown ones null. */
export function adminProject(project: AccountProject, now: number): Record<string, unknown> {
  const members = [...project.account.members(project).values()].filter((one) => one.status !== 'deleted');
  const pending = now < project.readyAt;
  return {
    id: project.id,
    accountId: project.account.id,
    addressLine1: project.addressLine1,
    addressLine2: project.addressLine2,
    adminGroupId: null,
    businessUnitId: project.businessUnitId,
    city: project.city,
    classification: project.classification,
    companyCount: new Set(members.map((one) => one.companyId)).size,
    constructionType: project.constructionType,
    contractType: project.contractType,
    country: project.country,
    createdAt: project.createdAt,
    currentPhase: project.currentPhase,
    deliveryMethod: project.deliveryMethod,
    endDate: project.endDate,
    imageUrl: IMAGE,
    jobNumber: project.jobNumber,
    lastSignIn: null,
    latitude: project.latitude,
    longitude: project.longitude,
    memberCount: members.length,
    memberGroupId: null,
    name: project.name,
    platform: project.platform,
    postalCode: project.postalCode,
    products: project.productKeys.map((key) => ({
      key,
      name: productName(key),
      status: pending ? 'activating' : 'active',
      language: 'en',
      icon: `https://storage.example/products/${key}.svg`,
    })),
    projectValue: project.projectValue,
    sheetCount: null,
    startDate: project.startDate,
    stateOrProvince: project.stateOrProvince,
    status: projectStatus(project, now),
    templateId: project.templateId,
    thumbnailImageUrl: IMAGE,
    timezone: project.timezone,
    type: project.type,
    updatedAt: project.updatedAt,
  };
}

export function projectStatus(project: AccountProject, now: number): 'pending' | AccountProject['status'] {
  return now < project.readyAt ? 'pending' : project.status;
}

/** `designCollaboration` to `Design Collaboration`. */
function productName(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1).replace(/[A-Z]/g, ' $&');
}
