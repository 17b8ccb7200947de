/** As many as a text's classification has, all of them local activities: the bench checks that by a history. */
export const bareSteps = 6
export const bareTaskQueue = 'bench-bare'
