/**
 * Splits `<environment>.<site>`.
 * @throws when the name has another form
 */
export function parseStackName(name: string): { environment: string; site: string } {
  const [environment, site, ...rest] = name.split('.');
  if (!environment || !site || rest.length > 0) {
    throw new Error(
      `stack must be named <environment>.<site>, got ${name}; select one: pulumi stack select stg.site-b`,
    );
  }
  return { environment, site };
}
