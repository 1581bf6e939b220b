"""What a machine gets that has none of its own: a broker, a model, and the processes they run in.

``processes``   a household of child processes that ends with its parent, however that ends
``keeping``     what of it dies is started again
``broker``      a Valkey server of our own, on a private Unix socket, with its data in a folder
``model_file``  the small model's file, fetched once
``model``       an OpenAI-compatible server for a model file
"""
