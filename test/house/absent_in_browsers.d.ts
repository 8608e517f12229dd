// Stands for packages that a browser never loads but whose types transformers.js names (sharp, which brings Node's types).
export {};
