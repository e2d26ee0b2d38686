import type { ScrubKind } from './kinds.ts';

/** What the names of members say about their values. Names are compared without case, `_`, `-`, `.` and spaces. */

const SECRET =
  /(?:token|secret|password|passwd|passphrase|pwd|credentials?|authorization|cookie|signature|assertion|codeverifier|csrf|xsrf|sessionid|sessionkey|otp|pincode|(?:recovery|backup)codes?|seedphrase|mnemonic|securitycode|ssn|socialsecurity(?:number)?|iban|passport(?:number)?|cardnumber|(?:api|access|private|secret|signing|upload|license|subscription|encryption|auth|master|shared|account)keys?)$/;
const PIN = /^(?:(?:user|card|account|security)?pin|cvc|cvv)$/;
/** They end like secrets, and say only what kind of. */
const NO_SECRET = /(?:tokentype|nothas|has(?:password|token|secret))$|^(?:tokens?count|maxtokens)$/;
/** Members of these are secrets, all of them. */
const SECRET_GROUP = /^(?:credentials?|secrets?|tokens?|apikeys?|auth|authorization)$/;

const PHONE = /(?:phone|mobile|telephone|cellphone|fax|phonenumber|mobilenumber|msisdn|whatsapp)s?$/;
const EMAIL = /e?mail(?:address)?s?$/;
const REQUEST_ID = /(?:requestid|correlationid|traceid|spanid|traceparent|amzid2|cfray)$/;
const IP = /(?:^|client|remote|source|user|last|login)ip(?:address|v4|v6)?$|^xforwardedfor$|^xrealip$/;

const PERSON =
  '(?:user|users|author|owner|creator|createdby|createuser|modifiedby|lastmodifiedby|lastmodifieduser|updatedby|updateduser|uploadedby|' +
  'deletedby|closedby|mergedby|approvedby|reviewedby|submittedby|assignedto|assignee|assigner|requester|reviewer|approver|person|contact|' +
  'member|employee|manager|sender|recipient|participant|actor|committer|collaborator|follower|invitee|inviter|' +
  'lockedby|reservedby|openedby|startedby|holder|cardholder|accountholder|guardian|patient|doctor|teacher|student|traveler|passenger)';
const NAME =
  /(?:^|user|owner|person|contact)(?:first|last|middle|given|family|maiden|nick|full|legal|preferred)names?$|^(?:surname|nickname|forename|username|login|loginname|screenname|handle|realname|kananame|personname|namefirst|namelast)$/;
const NAME_OF_PERSON = new RegExp(
  `${PERSON}(?:s)?(?:display|full|first|last|nick|given|family|real|login)?names?$|^${PERSON}$`,
);
/** In an object that is a person, these are names. */
const OWN_NAME = /^(?:name|displayname|formattedname|formatted|initials|alias|preferredusername)$/;
const PERSON_ID = new RegExp(`${PERSON}(?:s)?(?:id|ids|uid|guid|uuid)$|^(?:sub|subjectid|principalid)$`);
const OWN_ID = /^(?:id|uid|guid|uuid|key|self)$|^(?:accountid|nodeid)$/;

/** Somebody's details stand in these, which are words of things elsewhere. */
const HOLDERS =
  /^(?:payer|payee|payor|beneficiary|debtor|creditor|billto|shipto|shipping|(?:billing|shipping)(?:details|address|contact)?)$/;

/** Members that a person has and a thing has not. */
const PERSONAL =
  /^(?:emails?|e?mailaddress|firstname|lastname|givenname|familyname|surname|nickname|login|username|avatarurl?|avatar|gravatarid|phone|phonenumber|picture|gender|jobtitle|birthdate|locale|preferredusername)$/;
const PEOPLE_TYPES =
  /^(?:user|users|person|people|persons|member|members|contact|contacts|employee|employees|customer|customers|guest|guests|individual|human)$/;
const PEOPLE_WORDS =
  /^(?:users?|people|persons?|members?|contacts?|employees?|customers?|collaborators?|assignees|assignable|userinfo|me|profile|profiles|guests?|participants?|attendees?|followers|invitees|invitations?|teammembers|viewer|whoami|self)$/;

const TELLING =
  /(?:address|street|addressline\d?|city|postal(?:code)?|zip(?:code)?|postcode|birth(?:date|day)?|dateofbirth|dob|gender|sex|company(?:name)?|organi[sz]ation(?:name)?|employer|bic|taxid|vatid|vatnumber|accountnumber|latitude|longitude|avatar(?:url)?|picture|photo(?:url)?|profileimage(?:x\d+)?|bio|biography|religion|nationality|linkedin|twitter|skype)$/;
const FREE_TEXT = /^(?:comments?|notes?|message|text|body|content|remarks?|about|summary)$/;

/** A name of a member as it is compared. */
export function plainKey(key: string): string {
  return key.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** What the value of a member is by its name; `person`: the object is a person. */
export function kindOfKey(key: string, person: boolean): ScrubKind | undefined {
  const name = plainKey(key);
  if (REQUEST_ID.test(name)) return 'request_id';
  if ((SECRET.test(name) && !NO_SECRET.test(name)) || PIN.test(name)) return 'secret';
  if (PHONE.test(name)) return 'phone';
  if (EMAIL.test(name)) return undefined;
  if (IP.test(name)) return undefined;
  if (NAME.test(name) || NAME_OF_PERSON.test(name)) return 'person_name';
  if (PERSON_ID.test(name)) return 'person_id';
  if (person && OWN_NAME.test(name)) return 'person_name';
  if (person && OWN_ID.test(name)) return 'person_id';
  return undefined;
}

/** Whether a member holds a name and nothing else that tells somebody, such as an id. */
export function isNameKey(key: string): boolean {
  return /name$|^(?:login|handle|nickname)$/.test(plainKey(key));
}

/** Whether everything below a member is secret. */
export function isSecretGroup(key: string): boolean {
  return SECRET_GROUP.test(plainKey(key));
}

/** Whether what a member holds are people. */
export function holdsPeople(key: string): boolean {
  const name = plainKey(key);
  return PEOPLE_TYPES.test(name) || HOLDERS.test(name) || new RegExp(`^${PERSON}(?:s)?$`).test(name);
}

/** Whether an object is a person, by its members. */
export function isPerson(value: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(value);
  const type = ['type', 'object', 'kind', '@type', 'objectType'].find((key) => typeof value[key] === 'string');
  if (type !== undefined && PEOPLE_TYPES.test(plainKey(String(value[type])))) return true;
  return keys.some((key) => PERSONAL.test(plainKey(key)) && value[key] !== null && typeof value[key] !== 'object');
}

/** Whether a request asks for people: by the last two plain words of its path. */
export function asksForPeople(url: string): boolean {
  const path =
    URL.parse(url)
      ?.pathname.split('/')
      .filter((part) => /^[A-Za-z_-]+$/.test(part)) ?? [];
  return path.slice(-2).some((part) => PEOPLE_WORDS.test(plainKey(part)));
}

/** Why a value that is kept may be personal all the same; undefined where nothing says so. */
export function tellingKey(key: string): string | undefined {
  const name = plainKey(key);
  if (TELLING.test(name)) return 'may be about a person';
  return FREE_TEXT.test(name) ? 'free text' : undefined;
}
