"""Models, embedders and stores: the adapters behind the LLM, Embedder and Retriever ports."""
