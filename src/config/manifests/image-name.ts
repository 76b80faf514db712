/** The name of a container image without its tag and digest, such as `ghcr.io/acme/base`. */
export function imageName(image: string): string {
  return image.replace(/@.*$/u, '').replace(/:[^:/]*$/u, '')
}
