"""A compact transformer on token shards, trained, sampled and measured. torch, and nothing heavier.

May import tokenizer.shards.loader, mixture, turns and files, pipeline.errors and pipeline.settings; numpy, safetensors.

    shape        parameters and FLOPs                 objectives   rows of tokens to what a model is asked
    sizes        models by name, with their rates     plan         everything that decides a run, with its bounds
    transformer  the model, top to bottom             loss         cross-entropy without the table of logits
    attention    a document sees only itself          optimizer    Muon and AdamW by group
    experts      mixture of experts                   stage        what is read, and what is asked of it
    inputs       what goes through a model at once    train        the loop
    sharded      weights split over processes         checkpoint   weights and optimizer, to the bit
    swap         linear layers for others
    generate     a cache extended and cut, sampling   likelihood   losses by what a text costs
    evaluate     bits per byte, multiple choice       budget       what a run will cost
    export_hf    weights as transformers reads them   import_hf    and read back, with no pickle opened
    export_peft  adapters as PEFT reads them
    texts        prompts given, the rest scored
    post/        tuning, a page for each method       unlearning/  approximate unlearning
    decode/      texts that come and go, beams        audit/       what a model has kept
    quantise/    matrices as whole numbers            baselines/   what came before the transformer

Letters in names of tensors: N tokens of a batch laid flat, E width, H heads, K key-value heads, D head width, F hidden width,
V vocabulary, X experts, B sequences, T time.
"""
