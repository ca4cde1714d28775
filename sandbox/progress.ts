/** Shows the steps of long work. */
export interface Progress {
  /**
   * Runs one step.
   * @param work gets a function that says what is being done now
   * @param outcome the step's outcome in a few words
   */
  step<T>(title: string, work: (say: (text: string) => void) => Promise<T>, outcome?: (value: T) => string): Promise<T>;
}
