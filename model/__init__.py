"""A compact transformer on token shards, trained, sampled and measured. torch, and nothing heavier.

May import tokenizer.shards.loader and tokenizer.shards.files, pipeline.errors and pipeline.settings; numpy, safetensors.

    shape        parameters and FLOPs                 objectives   rows of tokens to what a model is asked
    sizes        models by name, with their rates     plan         everything that decides a run, with its bounds
    transformer  the model, top to bottom             loss         cross-entropy without the table of logits
    attention    a document sees only itself          optimizer    Muon and AdamW by group
    experts      mixture of experts                   train        the loop
    generate     prefill, decode, sample              checkpoint   weights and optimizer, to the bit
    evaluate     bits per byte, multiple choice       budget       what a run will cost
    export_hf    weights as transformers reads them
    texts        prompts given, the rest scored
    unlearning/  approximate unlearning            audit/       what a model has kept

Letters in names of tensors: N tokens of a batch laid flat, E width, H heads, K key-value heads, D head width, F hidden width,
V vocabulary, X experts, B sequences, T time.
"""
