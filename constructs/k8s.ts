/**
 * The typed Kubernetes objects that constructs render. This is the one place that names the library's line: to raise
 * it, change this import. It is the generated module inside `cdk8s-plus-27`, because importing the whole package takes
 * four times as long and its high-level classes derive selectors, which are immutable, from the path of a construct.
 */
export * from 'cdk8s-plus-27/lib/imports/k8s.js';
